import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../base/fault.ts";
import {
  areChunkSizes,
  chunkAt,
  type ChunkIndex,
  chunkNumberAt,
  formatChunkIndex,
  indexedBytes,
  parseChunkIndex,
} from "./chunk-index.ts";

const sizes = { min: 4, avg: 16, max: 64 };

function indexOf(lengths: readonly number[], more: Partial<ChunkIndex> = {}): ChunkIndex {
  let end = 0;
  const ends = Float64Array.from(lengths, (length) => (end += length));
  const ids = Uint8Array.from({ length: lengths.length * 32 }, (_, place) => (place * 7) & 0xff);
  return { digest: "sha512-256", sizes, ends, ids, ...more };
}

const changed = (bytes: Uint8Array, at: number, ...values: readonly number[]): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy.set(values, at);
  return copy;
};

test("an index is the bytes that desync writes", () => {
  const text = Buffer.from(formatChunkIndex(indexOf([16, 5]))).toString("hex");
  const ids = Buffer.from(indexOf([16, 5]).ids).toString("hex");
  assert.equal(
    text,
    "3000000000000000" +
      "f99f127b9c4d8296" +
      "00000000000000a0" +
      "0400000000000000" +
      "1000000000000000" +
      "4000000000000000" +
      "ffffffffffffffff" +
      "7d41172f119e5be7" +
      `1000000000000000${ids.slice(0, 64)}` +
      `1500000000000000${ids.slice(64)}` +
      "0000000000000000" +
      "0000000000000000" +
      "3000000000000000" +
      "8800000000000000" +
      "d1ec49550e054f4b",
  );
});

test("chunks are found by number and by offset", () => {
  const index = parseChunkIndex(formatChunkIndex(indexOf([16, 64, 1], { digest: "sha256" })));
  assert.equal(index.digest, "sha256");
  assert.equal(indexedBytes(index), 81);
  const { offset, length, id } = chunkAt(index, 2);
  assert.deepEqual([offset, length, id[0], id.length], [80, 1, (64 * 7) & 0xff, 32]);
  assert.deepEqual(
    [0, 15, 16, 79, 80, 81, 1e9].map((at) => chunkNumberAt(index, at)),
    [0, 0, 1, 1, 2, 3, 3],
  );
  const empty = parseChunkIndex(formatChunkIndex(indexOf([])));
  assert.deepEqual([indexedBytes(empty), chunkNumberAt(empty, 0)], [0, 0]);
});

test("what is no index, or no sensible one, is refused", () => {
  const whole = formatChunkIndex(indexOf([16, 5]));
  for (const [why, bytes] of [
    ["nothing", new Uint8Array()],
    ["a cut", whole.subarray(0, -1)],
    ["a missing item", whole.subarray(0, -40)],
    ["more at its end", Uint8Array.of(...whole, 0)],
    ["another beginning", changed(whole, 8, 0)],
    ["no table", changed(whole, 56, 0)],
    ["no tail", changed(whole, whole.length - 1, 0)],
    ["another length of the table", changed(whole, whole.length - 16, 0x89)],
    ["min above avg", changed(whole, 24, 0x20)],
    ["no min", changed(whole, 24, 0)],
    ["a max of 256 MiB", changed(whole, 40, 0, 0, 0, 0x10)],
    ["an empty chunk", changed(whole, 104, 0x10)],
    ["a chunk above max", changed(whole, 104, 0x51)],
    ["an end beyond all numbers", changed(whole, 104, 0, 0, 0, 0, 0, 0, 0x20)],
  ] as const)
    assert.throws(() => parseChunkIndex(bytes), { code: "chunk-index-damaged" }, why);
  assert.throws(() => parseChunkIndex(new Uint8Array((64 << 20) + 1)), { code: "chunk-index-too-large" });
});

test("sizes are in order and within casync's limit", () => {
  for (const good of [sizes, { min: 1, avg: 1, max: 1 }, { min: 1 << 20, avg: 2 << 20, max: 128 << 20 }])
    assert.ok(areChunkSizes(good));
  for (const bad of [
    { min: 0, avg: 1, max: 1 },
    { min: 2, avg: 1, max: 3 },
    { min: 1, avg: 3, max: 2 },
    { min: 1.5, avg: 2, max: 3 },
    { min: 1, avg: 2, max: (128 << 20) + 1 },
  ])
    assert.ok(!areChunkSizes(bad), JSON.stringify(bad));
});

test("any index reads back as it was", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 40 }),
      fc.constantFrom("sha256" as const, "sha512-256" as const),
      (lengths, digest) => {
        const index = indexOf(lengths, { digest });
        assert.deepEqual(parseChunkIndex(formatChunkIndex(index)), index);
      },
    ),
  );
});

test("any bytes decode or throw a Fault", () => {
  const whole = formatChunkIndex(indexOf([16, 5, 9]));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }), (changes) => {
      const bytes = Uint8Array.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      try {
        parseChunkIndex(bytes);
      } catch (error) {
        assert.ok(error instanceof Fault, String(error));
      }
    }),
  );
});
