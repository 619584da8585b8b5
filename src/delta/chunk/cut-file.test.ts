import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { chunkAt, indexedBytes } from "../../format/chunk-index.ts";
import { Chunker } from "./chunker.ts";
import { cutFile } from "./cut-file.ts";
import { inMemory, randomBytes, usualSizes } from "./sample.fixture.ts";

const sizes = { min: 1024, avg: 4096, max: 16_384 };

test("a file of any length is cut as if it lay in memory whole, and each chunk is handed out", async () => {
  // Longer than the block that is held.
  const whole = randomBytes(1, (4 << 20) + 600_000);
  for (const length of [0, 1, 1024, 20_000, 4 << 20, (4 << 20) + 1, whole.length]) {
    const bytes = whole.subarray(0, length);
    const parts: Buffer[] = [];
    const index = await cutFile(inMemory(bytes), { sizes }, (chunk) => {
      assert.deepEqual([chunk.number, chunk.offset], [parts.length, parts.reduce((sum, part) => sum + part.length, 0)]);
      assert.deepEqual(Buffer.from(chunk.id), createHash("sha512-256").update(chunk.bytes).digest());
      parts.push(Buffer.from(chunk.bytes));
    });
    assert.ok(Buffer.concat(parts).equals(bytes), String(length));
    assert.equal(indexedBytes(index), length);
    const chunker = new Chunker(sizes);
    for (let at = 0, number = 0; at < length; number += 1) {
      assert.equal(chunkAt(index, number).length, chunker.chunkLength(bytes, at));
      at = index.ends[number] ?? length;
    }
  }
});

test("ids may be SHA-256", async () => {
  const bytes = randomBytes(2, 5000);
  const { ids, digest } = await cutFile(inMemory(bytes), { sizes: usualSizes, digest: "sha256" });
  assert.deepEqual([Buffer.from(ids), digest], [createHash("sha256").update(bytes).digest(), "sha256"]);
});

test("each byte is read once", async () => {
  const source = inMemory(randomBytes(4, 9 << 20));
  await cutFile(source, { sizes: { min: 1 << 20, avg: 2 << 20, max: 4 << 20 } });
  let end = 0;
  for (const [offset, length] of source.reads) {
    assert.equal(offset, end);
    end += length;
  }
  assert.equal(end, 9 << 20);
});

test("a file that ends early, a callback that throws and a signal end the work", async () => {
  const bytes = randomBytes(5, 50_000);
  const shortened = { ...inMemory(bytes), size: async () => 60_000 };
  await assert.rejects(cutFile(shortened, { sizes }), { code: "file-shortened" });
  const stop = new Error("stop");
  await assert.rejects(
    cutFile(inMemory(bytes), { sizes }, async () => {
      throw stop;
    }),
    stop,
  );
  await assert.rejects(cutFile(inMemory(bytes), { sizes, signal: AbortSignal.abort(stop) }), stop);
});
