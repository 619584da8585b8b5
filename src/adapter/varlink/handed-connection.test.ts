import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { isHandedConnection, originOf, socketConnection } from "./handed-connection.ts";

test("a connection is ours only where systemd handed exactly one to this process", () => {
  const handed = { LISTEN_FDS: "1", LISTEN_PID: "7", LISTEN_FDNAMES: "varlink" };
  assert.equal(isHandedConnection(handed, 7), true);
  assert.equal(isHandedConnection({ LISTEN_FDS: "1", LISTEN_PID: "7" }, 7), true);
  for (const other of [
    {},
    { ...handed, LISTEN_PID: "8" },
    { ...handed, LISTEN_FDS: "2" },
    { ...handed, LISTEN_FDNAMES: "connection" },
  ])
    assert.equal(isHandedConnection(other, 7), false, JSON.stringify(other));
});

test("the instance that a unit hands over says who calls; what cannot be read is nobody, and never root", () => {
  assert.deepEqual(originOf("0-12-1000"), { kind: "peer", caller: { pid: 12, uid: 1000 } });
  for (const text of ["", "0-unknown", "root"])
    assert.deepEqual(originOf(text), { kind: "peer", caller: { pid: 0, uid: 0xffff_ffff } });
  assert.deepEqual(originOf(undefined), { kind: "self" });
});

/** The two ends of a connection, one of them a program's. */
function pair(script: string): { readonly socket: Socket; readonly ended: Promise<number | null> } {
  const child = spawn("sh", ["-c", script], { stdio: ["ignore", "inherit", "inherit", "pipe"] });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { socket: child.stdio[3] as unknown as Socket, ended };
}

test("what comes in ends when the other side has closed its end, and what goes out has left by then", async () => {
  const { socket, ended } = pair('printf hello >&3; IFS= read -r line <&3; test "$line" = bye');
  const connection = socketConnection(socket);
  let text = "";
  for await (const bytes of connection.incoming) {
    text += Buffer.from(bytes).toString();
    if (text === "hello") connection.send(Buffer.from("bye\n"));
  }
  await connection[Symbol.asyncDispose]();
  assert.deepEqual([text, await ended], ["hello", 0]);
});

test("a caller who is gone ends it without an error, whatever is sent after that", async () => {
  const { socket, ended } = pair("exit 0");
  const connection = socketConnection(socket);
  await ended;
  for await (const _ of connection.incoming) assert.fail("nothing was sent");
  connection.send(Buffer.alloc(100_000));
  connection.send(Buffer.alloc(100_000));
  await connection[Symbol.asyncDispose]();
  connection.send(Buffer.alloc(10));
});

const holdfast = join(import.meta.dirname, "../../../bin/holdfast");

interface Answered {
  readonly back: string;
  readonly said: string;
  readonly exitCode: number | null;
}

/** What `holdfast` answers on a connection that it is handed. */
function ask(args: readonly string[], sent: string): Promise<Answered> {
  const env = { ...process.env, LISTEN_FDS: "1", LISTEN_FDNAMES: "varlink" };
  const start = ["-c", 'LISTEN_PID=$$ exec "$@"', "sh", holdfast, ...args];
  const child = spawn("sh", start, { env, stdio: ["ignore", "ignore", "pipe", "pipe"] });
  const socket = child.stdio[3] as unknown as Socket;
  let [back, said] = ["", ""];
  child.stderr?.on("data", (bytes: Buffer) => (said += bytes.toString()));
  socket.on("data", (bytes: Buffer) => {
    back += bytes.toString();
    if (back.endsWith("\0")) socket.end();
  });
  socket.on("error", () => undefined).on("end", () => socket.end());
  socket.write(sent);
  return new Promise((resolve) => child.once("close", (exitCode) => resolve({ back, said, exitCode })));
}

test("holdfast itself answers on a handed connection, under both of its names, and ends with it", async () => {
  const call = '{"method":"org.varlink.service.GetInfo"}\0';
  const own = await ask(["varlink", "--peer=0-1-0"], call);
  assert.match(own.back, /"interfaces":\["io\.systemd","org\.holdfast\.Update","org\.varlink\.service"\]/);
  assert.deepEqual([own.said, own.exitCode], ["", 0]);
  const standIn = await ask(["sysupdate"], call);
  assert.match(standIn.back, /"interfaces":\["io\.systemd","io\.systemd\.SysUpdate","org\.varlink\.service"\]/);
  const hostile = await ask(["varlink", "--peer=0-1-0"], "nonsense\0");
  assert.deepEqual(hostile, {
    back: "",
    said: "holdfast: Cannot read a Varlink message: it is not JSON\n",
    exitCode: 1,
  });
});
