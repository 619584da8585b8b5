import assert from "node:assert/strict";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { noSubscribers, varlinkSubscribers } from "./varlink-subscribers.ts";

const update = {
  component: "extras",
  version: "v2",
  resources: [{ transfer: "01-a", path: "/var/lib/a" }, { transfer: "02-b" }],
};
const called =
  '{"method":"io.systemd.SysUpdate.Notify.OnCompletedUpdate","parameters":{"component":"extras","version":"v2",' +
  '"resources":[{"transfer":"01-a","path":"/var/lib/a"},{"transfer":"02-b"}]}}\0';

async function place(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-notify-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A listener that hears one whole message of each connection, then does as it is told. */
async function listen(t: TestContext, path: string, act: (socket: Socket, heard: string) => void): Promise<void> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    let heard = "";
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => {
      heard += bytes.toString();
      if (heard.endsWith("\0")) act(socket, heard);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
}

test("everyone who listens is told once, in the words of systemd 262", async (t) => {
  const folder = await place(t);
  const heard: string[] = [];
  for (const name of ["io.example.A", "io.example.B"]) {
    await listen(t, join(folder, name), (socket, text) => {
      heard.push(`${name} ${text}`);
      socket.end('{"parameters":{}}\0');
    });
  }
  await writeFile(join(folder, "no-socket"), "");
  assert.deepEqual(await varlinkSubscribers({ folder }).tell(update), []);
  assert.deepEqual(heard.toSorted(), [`io.example.A ${called}`, `io.example.B ${called}`]);
  heard.length = 0;
  assert.deepEqual(await varlinkSubscribers({ folder }).tell(undefined), []);
  assert.equal(heard[0]?.slice("io.example.A ".length), '{"method":"io.systemd.SysUpdate.Notify.OnCompletedUpdate"}\0');
});

test("who hangs is not waited for without end", async (t) => {
  const folder = await place(t);
  await listen(t, join(folder, "io.example.Hangs"), () => undefined);
  assert.deepEqual(await varlinkSubscribers({ folder, patienceMs: 20 }).tell(update), [
    'Cannot tell "io.example.Hangs" of the update: it did not answer in time',
  ]);
});

test("who hangs up, talks nonsense or says that it failed is named, and stops nobody", async (t) => {
  const folder = await place(t);
  const ways: Readonly<Record<string, (socket: Socket) => void>> = {
    "b-hangs-up": (socket) => socket.destroy(),
    "c-floods": (socket) => void socket.write("x".repeat(100_000)),
    "d-fails": (socket) => void socket.write('{"error":"org.example.Broken"}\0'),
    "e-babbles": (socket) => void socket.write("hello\0"),
    "f-answers": (socket) => void socket.write('{"parameters":{}}\0'),
  };
  for (const [name, way] of Object.entries(ways)) await listen(t, join(folder, name), way);
  const problems = await varlinkSubscribers({ folder }).tell(update);
  const [hangsUp, floods, fails, babbles, ...more] = problems;
  assert.match(hangsUp ?? "", /^Cannot tell "b-hangs-up" of the update: /);
  assert.match(floods ?? "", /^Cannot tell "c-floods" .*longer than 65536 bytes$/);
  assert.equal(fails, 'Cannot tell "d-fails" of the update: it says "org.example.Broken"');
  assert.match(babbles ?? "", /^Cannot tell "e-babbles" of the update: /);
  assert.deepEqual(more, []);
});

test("a socket that nobody listens on is named, and an absent folder is silent", async (t) => {
  const folder = await place(t);
  const path = join(folder, "io.example.Dead");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  await rename(path, `${path}.kept`);
  await new Promise((resolve) => server.close(resolve));
  const [problem = ""] = await varlinkSubscribers({ folder }).tell(update);
  assert.match(problem, /^Cannot tell "io.example.Dead.kept" of the update: connect ECONNREFUSED/);
  assert.deepEqual(await varlinkSubscribers({ folder: join(folder, "absent") }).tell(update), []);
  assert.deepEqual(await noSubscribers.tell(update), []);
});
