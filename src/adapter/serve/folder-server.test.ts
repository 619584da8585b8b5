import assert from "node:assert/strict";
import { request } from "node:http";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { after, before, test } from "node:test";
import { type FolderServer, rangeOf, type Served, serveFolder } from "./folder-server.ts";

let place = "";
let server: FolderServer;
const log: Served[] = [];

before(async () => {
  place = await mkdtemp(join(tmpdir(), "holdfast-serve-"));
  const folder = join(place, "repository");
  await mkdir(join(folder, "releases"), { recursive: true });
  await mkdir(join(folder, ".holdfast"));
  await writeFile(join(folder, "os_1.efi"), "0123456789");
  await writeFile(join(folder, "os~+1 2.efi"), "odd");
  await writeFile(join(folder, "releases/1.json"), "{}");
  await writeFile(join(folder, ".holdfast/repository.json"), "secret");
  await writeFile(join(place, "outside"), "secret");
  await symlink("../outside", join(folder, "out"));
  await symlink(".holdfast/repository.json", join(folder, "in"));
  await symlink("os_1.efi", join(folder, "newest.efi"));
  server = await serveFolder({ folder, address: "127.0.0.1", port: 0, onRequest: (served) => log.push(served) });
});

after(async () => {
  await server[Symbol.asyncDispose]();
  await rm(place, { recursive: true });
});

interface Got {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Paths go out as they are, which `fetch` would not do. */
function get(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Got> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, headers, method, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    });
    sent.on("error", reject).end();
  });
}

test("a file comes whole, with its length, an ETag, and as it is", async () => {
  const { status, text, headers } = await get("/os_1.efi", { "accept-encoding": "gzip, br" });
  assert.deepEqual(
    [status, text, headers["content-length"], headers["content-encoding"]],
    [200, "0123456789", "10", undefined],
  );
  assert.match(String(headers["etag"]), /^"[0-9a-z-]+"$/);
  assert.equal((await get("/releases/1.json")).text, "{}");
  assert.equal((await get("/os~+1%202.efi")).text, "odd");
  assert.equal((await get("/newest.efi")).text, "0123456789");
  assert.equal((await get("/os_1.efi?time=1")).text, "0123456789");
});

test("a range is answered with 206, one behind the end with 416, several with the whole", async () => {
  for (const [range, status, text, shown] of [
    ["bytes=2-4", 206, "234", "bytes 2-4/10"],
    ["bytes=7-", 206, "789", "bytes 7-9/10"],
    ["bytes=-3", 206, "789", "bytes 7-9/10"],
    ["bytes=5-500", 206, "56789", "bytes 5-9/10"],
    ["bytes=10-", 416, "", "bytes */10"],
    ["bytes=0-1,4-5", 200, "0123456789", undefined],
    ["lines=1-2", 200, "0123456789", undefined],
    ["bytes=5-2", 200, "0123456789", undefined],
  ] as const) {
    const got = await get("/os_1.efi", { range });
    assert.deepEqual([got.status, got.text, got.headers["content-range"]], [status, text, shown], range);
  }
});

test("an ETag saves what is there, and keeps ranges of two files apart", async () => {
  const etag = String((await get("/os_1.efi")).headers["etag"]);
  assert.equal((await get("/os_1.efi", { "if-none-match": etag })).status, 304);
  assert.equal((await get("/os_1.efi", { "if-match": '"other"' })).status, 412);
  assert.equal((await get("/os_1.efi", { "if-match": etag, range: "bytes=1-1" })).text, "1");
  assert.equal((await get("/os_1.efi", { "if-range": '"other"', range: "bytes=1-1" })).status, 200);
  assert.equal((await get("/os_1.efi", { "if-range": etag, range: "bytes=1-1" })).status, 206);
});

test("nothing outside, no dot file, no folder, however it is spelt", async () => {
  for (const path of [
    "/",
    "/releases",
    "/releases/",
    "/../outside",
    "/releases/../../outside",
    "/%2e%2e/outside",
    "/..%2foutside",
    "/out",
    "/in",
    "/.holdfast/repository.json",
    "/%2eholdfast/repository.json",
    "/releases/..%5c..%5coutside",
    "/os_1.efi%00",
    "/%zz",
    "//os_1.efi",
    "/none",
  ])
    assert.equal((await get(path)).status, 404, path);
});

test("other methods are refused, HEAD has no body", async () => {
  assert.equal((await get("/os_1.efi", {}, "PUT")).status, 405);
  const head = await get("/os_1.efi", {}, "HEAD");
  assert.deepEqual([head.status, head.text, head.headers["content-length"]], [200, "", "10"]);
});

test("each request is told of, with what was sent", async () => {
  log.length = 0;
  await get("/os_1.efi", { range: "bytes=2-4" });
  // It is told of once the server has closed the file, which the client does not wait for.
  for (let turn = 0; log.length === 0 && turn < 1000; turn++) await setTimeout(5);
  const [{ method, path, range, status, bytes } = {} as Partial<Served>] = log;
  assert.deepEqual(
    { method, path, range, status, bytes },
    { method: "GET", path: "/os_1.efi", range: "bytes=2-4", status: 206, bytes: 3 },
  );
});

test("an empty file has no range", () => {
  assert.equal(rangeOf("bytes=0-", 0), "unsatisfiable");
  assert.equal(rangeOf("bytes=-5", 0), "unsatisfiable");
});

test("a port that is taken, or a folder that is not there, is a Fault", async () => {
  const port = Number(new URL(server.url).port);
  const options = { folder: place, address: "127.0.0.1", port, onRequest: () => undefined };
  await assert.rejects(serveFolder(options), /Cannot serve at 127\.0\.0\.1, port \d+: EADDRINUSE/);
  await assert.rejects(serveFolder({ ...options, folder: join(place, "none") }), {
    message: `Cannot serve ${place}/none: there is no such folder`,
    hint: `Name the folder of a repository, or make one with: holdfast repo init ${place}/none --key=FILE`,
    kind: "usage",
  });
  await assert.rejects(serveFolder({ ...options, folder: join(place, "outside") }), {
    message: `Cannot serve ${place}/outside: it is not a folder`,
  });
});
