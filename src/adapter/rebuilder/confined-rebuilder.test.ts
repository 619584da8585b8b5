import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { rebuilderContract } from "../../port/rebuilder.contract.ts";
import { confinedRebuilder } from "./confined-rebuilder.ts";

const isRoot = process.getuid?.() === 0;
const plain = new Uint8Array(1000).fill(7);
const stored = zstdCompressSync(plain);

rebuilderContract("The confined Rebuilder", () => confinedRebuilder({ isRoot }), {
  zstd: zstdCompressSync,
  gzip: gzipSync,
});

test("a job that says nothing for too long is given up for good: another way takes over", async () => {
  const stop = new AbortController();
  await using run = confinedRebuilder({ isRoot, silenceMsMax: 1 }).start(stop.signal);
  await assert.rejects(run.decompress(stored, plain.length), { code: "worker-failed", retriable: false });
});

test("Ctrl-C ends the job that is running, and those that wait behind it", async () => {
  const stop = new AbortController();
  await using run = confinedRebuilder({ isRoot }).start(stop.signal);
  const jobs = [run.decompress(stored, plain.length), run.decompress(stored, plain.length)];
  const ends = Promise.allSettled(jobs);
  setTimeout(() => stop.abort(new Error("interrupted")), 5);
  for (const end of await ends) assert.equal(end.status === "rejected" && (end.reason as Error).message, "interrupted");
});

test("what is asked for after the end starts no child", async () => {
  const run = confinedRebuilder({ isRoot }).start(new AbortController().signal);
  await run[Symbol.asyncDispose]();
  await assert.rejects(run.decompress(stored, plain.length), { code: "worker-failed" });
});

test("a chunk is a part of what a server sent, and the rest of that stays as it was", async () => {
  await using run = confinedRebuilder({ isRoot }).start(new AbortController().signal);
  const sent = Buffer.concat([stored, new Uint8Array(100_000).fill(5)]);
  assert.equal((await run.decompress(sent.subarray(0, stored.length), plain.length)).length, plain.length);
  assert.deepEqual([sent.length, sent.at(-1)], [stored.length + 100_000, 5]);
});
