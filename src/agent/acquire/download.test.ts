import assert from "node:assert/strict";
import { test } from "node:test";
import type { Http } from "../../port/http.ts";
import { Content } from "../../sim/disk/content.ts";
import { type PlannedServerFault, SimServer } from "../../sim/http/sim-server.ts";
import { bareWorld, type SampleSession, sessionOn } from "../../sim/scenario/session.fixture.ts";
import { faultOfStatus, leave, readFromSource, retryDelayMs, withoutSecrets } from "./download.ts";

const origin = "http://a.example";

function machine(...faults: readonly PlannedServerFault[]): SampleSession & { readonly server: SimServer } {
  const server = new SimServer(origin);
  server.put("/file", "hello");
  server.plan(...faults);
  return { ...sessionOn(bareWorld({ "/srv/file": "local" }, { servers: [server] })), server };
}

async function read({ session }: SampleSession, path = "/file", maxBytes = 5): Promise<string | undefined> {
  const bytes = await readFromSource(session, `${origin}${path}`, true, maxBytes);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

test("secrets in an address are cut out, whatever they consist of", () => {
  const table: readonly (readonly [string, string])[] = [
    ["http://a.example/os", "http://a.example/os"],
    ["http://me@a.example/os", "http://a.example/os"],
    ["https://me:pass@a.example/os?token=x", "https://a.example/os?…"],
    ["https://me:p@ss@a.example/os", "https://a.example/os"],
    ["https://a.example/os@2", "https://a.example/os@2"],
    ["https://a.example?mail=me@b.example", "https://a.example?…"],
    ["/srv/me@host", "/srv/me@host"],
  ];
  for (const [url, shown] of table) assert.equal(withoutSecrets(url), shown);
});

test("a small file is read whole, from a server or a folder, and an absent one is undefined", async () => {
  const run = machine();
  assert.equal(await read(run), "hello");
  assert.equal(await read(run, "/none"), undefined);
  const local = await readFromSource(run.session, "/srv/file", false, 5);
  assert.equal(new TextDecoder().decode(local), "local");
  assert.equal(await readFromSource(run.session, "/srv/none", false, 5), undefined);
});

test("a body that is too large is refused, however long it says it is", async () => {
  const run = machine({ path: "/file", fault: { kind: "replace", content: Content.zeros(6) } });
  await assert.rejects(read(run), { code: "too-large" });
  await assert.rejects(readFromSource(run.session, "/srv/file", false, 4), { code: "too-large" });
});

test("what may pass by itself is tried three times, with growing pauses", async () => {
  const fault = { kind: "status", status: 503 } as const;
  const run = machine({ path: "/file", fault, times: 2 });
  const before = run.machine.clock.elapsedMs();
  assert.equal(await read(run), "hello");
  assert.ok(run.machine.clock.elapsedMs() - before >= 3000);
  const never = machine({ path: "/file", fault, times: 9 });
  await assert.rejects(read(never), { code: "server-failed", retriable: true });
  assert.equal(never.server.requests.length, 3);
  assert.deepEqual([1, 2, 3, 5, 6, 60].map(retryDelayMs), [1000, 2000, 4000, 16_000, 30_000, 30_000]);
});

test("a cut body is fetched again", async () => {
  assert.equal(await read(machine({ path: "/file", fault: { kind: "cut", afterBytes: 2 } })), "hello");
});

test("each status says what to do about it", () => {
  const meant = (status: number): readonly unknown[] => {
    const { code, retriable, message } = faultOfStatus(
      { status, headers: {}, url: "", body: (async function* () {})() },
      "http://me:x@a.example/f",
    );
    assert.ok(message.startsWith("Cannot download http://a.example/f: ") && message.includes(String(status)));
    return [code, retriable];
  };
  for (const status of [404, 410]) assert.deepEqual(meant(status), ["not-on-server", false]);
  for (const status of [500, 503, 408, 429]) assert.deepEqual(meant(status), ["server-failed", true]);
  for (const status of [400, 401, 403, 301]) assert.deepEqual(meant(status), ["server-refused", false]);
});

test("a call that is stopped does not try again", async () => {
  const run = machine({ path: "/file", fault: { kind: "status", status: 503 }, times: 9 });
  run.gate.beforeCall = ({ port }) => (port === "http" ? run.abort() : undefined);
  await assert.rejects(read(run), { name: "AbortError" });
  assert.ok(run.server.requests.length <= 1);
});

test("a body that nobody wants is let go of, so that no transfer waits for a reader", async () => {
  let left = 0;
  async function* page(): AsyncGenerator<Uint8Array> {
    try {
      yield new Uint8Array(10);
      yield new Uint8Array(10);
    } finally {
      left++;
    }
  }
  await leave({ status: 500, url: origin, headers: {}, body: page() });
  assert.equal(left, 1);
  for (const status of [404, 500]) {
    const { session, machine: ports } = machine({ path: "/file", fault: { kind: "status", status }, times: 9 });
    const http: Http = {
      request: async (request, signal) => ({ ...(await ports.http.request(request, signal)), body: page() }),
    };
    left = 0;
    const watched = { ...session, machine: { ...ports, http } };
    await readFromSource(watched, `${origin}/file`, true, 5).catch(() => undefined);
    assert.equal(left, status === 404 ? 1 : 3);
  }
});
