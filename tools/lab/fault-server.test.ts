import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { captivePortal } from "./fault-script.ts";
import { FaultServer } from "./fault-server.ts";
import { makeTls } from "./tls.ts";

const content = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 251));
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-lab-"));
  await writeFile(join(folder, "file"), content);
});
after(async () => rm(folder, { recursive: true, force: true }));

/** The body up to where it broke off, and whether it did. */
async function drain(answer: Response): Promise<{ bytes: Buffer; broken: boolean }> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of answer.body ?? []) chunks.push(chunk);
    return { bytes: Buffer.concat(chunks), broken: false };
  } catch {
    return { bytes: Buffer.concat(chunks), broken: true };
  }
}

suite("A server that behaves", () => {
  test("sends a file whole, by range, and only its headers", async () => {
    await using server = await FaultServer.start(folder);
    const whole = await fetch(`${server.url}/file`);
    assert.deepEqual(await drain(whole), { bytes: content, broken: false });
    const etag = whole.headers.get("etag") ?? "";
    const part = await fetch(`${server.url}/file`, { headers: { range: "bytes=4000-", "if-range": etag } });
    assert.equal(part.status, 206);
    assert.equal(part.headers.get("content-range"), "bytes 4000-4999/5000");
    assert.deepEqual((await drain(part)).bytes, content.subarray(4000));
    const head = await fetch(`${server.url}/file`, { method: "HEAD" });
    assert.equal(head.headers.get("content-length"), "5000");
    assert.deepEqual(
      server.log.map((request) => [request.method, request.status, request.bytes, request.complete]),
      [
        ["GET", 200, 5000, true],
        ["GET", 206, 1000, true],
        ["HEAD", 200, 0, true],
      ],
    );
    assert.equal(server.bytesSent("/file"), 6000);
  });

  test("sends the whole file when If-Range names another, 416 beyond the end, 404 for nothing and for escapes", async () => {
    await using server = await FaultServer.start(folder);
    const other = await fetch(`${server.url}/file`, { headers: { range: "bytes=4000-", "if-range": '"other"' } });
    assert.equal(other.status, 200);
    assert.equal((await drain(other)).bytes.length, 5000);
    assert.equal((await fetch(`${server.url}/file`, { headers: { range: "bytes=5000-" } })).status, 416);
    assert.equal((await fetch(`${server.url}/none`)).status, 404);
    assert.equal((await fetch(`${server.url}/..%2f..%2fetc%2fpasswd`)).status, 404);
  });

  test("holds a rate", async () => {
    await using server = await FaultServer.start(folder, { bytesPerSecond: 20_000 });
    const begin = performance.now();
    await drain(await fetch(`${server.url}/file`));
    const took = performance.now() - begin;
    assert.ok(took > 200 && took < 1000, `${took} ms`);
  });

  test("sends blocks larger than the socket's buffer at a rate", async () => {
    await writeFile(join(folder, "large"), Buffer.alloc(1_000_000, 7));
    await using server = await FaultServer.start(folder, { bytesPerSecond: 5e6 });
    assert.equal((await drain(await fetch(`${server.url}/large`))).bytes.length, 1_000_000);
  });

  test("serves https under a throw-away authority", async () => {
    const tls = await makeTls();
    await using server = await FaultServer.start(folder, { tls });
    const status = await new Promise((resolve, reject) => {
      httpsRequest(`${server.url}/file`, { ca: tls.authority, agent: false }, (answer) => {
        answer.resume().on("end", () => resolve(answer.statusCode));
      })
        .on("error", reject)
        .end();
    });
    assert.equal(status, 200);
  });
});

suite("A server that misbehaves", () => {
  test("cuts the second request only, at the byte it was told", async () => {
    await using server = await FaultServer.start(folder);
    server.misbehave({ path: "/file", from: 2, times: 1, cutAfterBytes: 1234 });
    const results = [];
    for (let count = 0; count < 3; count++) {
      const { bytes, broken } = await drain(await fetch(`${server.url}/file`));
      results.push([bytes.length, broken]);
    }
    assert.deepEqual(results, [
      [5000, false],
      [1234, true],
      [5000, false],
    ]);
    assert.equal(server.bytesSent(), 11_234);
  });

  test("falls silent until the client gives up", async () => {
    await using server = await FaultServer.start(folder);
    server.misbehave({ path: /file/, stallAfterBytes: 100 });
    const answer = await fetch(`${server.url}/file`, { signal: AbortSignal.timeout(150) });
    assert.deepEqual(await drain(answer), { bytes: content.subarray(0, 100), broken: true });
  });

  test("turns the byte at an offset of the file, also within a range", async () => {
    await using server = await FaultServer.start(folder);
    server.misbehave({ path: "/file", flipByteAt: 4500 });
    const part = await drain(await fetch(`${server.url}/file`, { headers: { range: "bytes=4000-" } }));
    assert.equal(part.bytes[500], (content[4500] ?? 0) ^ 0xff);
    assert.equal(part.bytes[499], content[4499]);
  });

  test("answers with statuses, portals, redirects, other tags, wrong lengths, without ranges or lengths", async () => {
    await using server = await FaultServer.start(folder);
    const ask = async (headers = {}): Promise<Response> => fetch(`${server.url}/file`, { headers, redirect: "manual" });
    const once = { path: "/file", times: 1 } as const;
    server.misbehave({ ...once, status: 500 });
    assert.equal((await ask()).status, 500);
    server.misbehave({ ...once, ...captivePortal });
    const portal = await ask({ range: "bytes=10-" });
    assert.deepEqual([portal.status, portal.headers.get("content-type")], [200, "text/html"]);
    server.misbehave({ ...once, redirect: "/file" });
    const moved = await ask();
    assert.deepEqual([moved.status, moved.headers.get("location")], [302, "/file"]);
    server.misbehave({ ...once, etag: '"new"' });
    assert.equal((await ask()).headers.get("etag"), '"new"');
    server.misbehave({ ...once, contentLengthOff: 7 });
    const long = await ask();
    assert.equal(long.headers.get("content-length"), "5007");
    assert.equal((await drain(long)).broken, true);
    server.misbehave({ ...once, ignoreRange: true });
    assert.equal((await ask({ range: "bytes=10-" })).status, 200);
    server.misbehave({ ...once, chunked: true });
    const chunked = await ask();
    assert.equal(chunked.headers.get("content-length"), null);
    assert.equal((await drain(chunked)).bytes.length, 5000);
    server.misbehave({ ...once, refuse: true });
    await assert.rejects(ask());
    server.misbehave({ ...once, junkBytes: 3_000_000 });
    assert.equal((await drain(await ask({ range: "bytes=10-" }))).bytes.length, 3_000_000);
    server.misbehave({ ...once, headerBytes: 9000 });
    assert.equal((await ask()).headers.get("x-junk")?.length, 9000);
    server.misbehave({ ...once, rangeOff: 1000 });
    const shifted = await ask({ range: "bytes=10-19" });
    assert.equal(shifted.headers.get("content-range"), "bytes 1010-1019/5000");
    assert.deepEqual((await drain(shifted)).bytes, content.subarray(1010, 1020));
    server.misbehave({ ...once, notHttp: "hello\n" });
    await assert.rejects(ask());
    server.misbehave({ path: "/file", status: 503 });
    server.heal();
    assert.equal((await ask()).status, 200);
  });
});
