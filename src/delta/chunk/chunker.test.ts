import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { buzhashTable } from "./buzhash-table.ts";
import { Chunker } from "./chunker.ts";
import { randomBytes, usualSizes } from "./sample.fixture.ts";

const turned = (word: number, by: number): number => ((word << (by % 32)) | (word >>> (32 - (by % 32)))) >>> 0;

/** As the format's description says it, byte for byte and with a division. */
function plainCuts(bytes: Uint8Array, sizes: { min: number; avg: number; max: number }): readonly number[] {
  const divisor = Math.floor(sizes.avg / (-1.42888852e-7 * sizes.avg + 1.33237515));
  const word = (at: number): number => (buzhashTable[bytes[at] ?? 0] ?? 0) >>> 0;
  const cuts: number[] = [];
  for (let start = 0; start < bytes.length; start = cuts.at(-1) ?? 0) {
    const end = Math.min(bytes.length, start + sizes.max);
    let cut = Math.min(end, start + sizes.min);
    if (cut < end) {
      let hash = 0;
      for (let place = 0; place < 48; place += 1) hash = (hash ^ turned(word(cut - 48 + place), 47 - place)) >>> 0;
      for (;;) {
        hash = (turned(hash, 1) ^ turned(word(cut - 48), 48) ^ word(cut)) >>> 0;
        cut += 1;
        if (cut >= end || hash % divisor === divisor - 1) break;
      }
    }
    cuts.push(cut);
  }
  return cuts;
}

function cuts(bytes: Uint8Array, chunker: Chunker): readonly number[] {
  const found: number[] = [];
  for (let at = 0; at < bytes.length; found.push(at)) at += chunker.chunkLength(bytes, at);
  return found;
}

test("cuts are where the format's description has them, for odd and even divisors", () => {
  const bytes = randomBytes(7, 300_000);
  for (const sizes of [
    { min: 48, avg: 64, max: 128 },
    { min: 48, avg: 192, max: 768 },
    { min: 256, avg: 1024, max: 4096 },
    { min: 100, avg: 1365, max: 5000 },
    { min: 1000, avg: 1000, max: 1000 },
    { min: 4096, avg: 16_384, max: 65_536 },
    usualSizes,
  ])
    assert.deepEqual(cuts(bytes, new Chunker(sizes)), plainCuts(bytes, sizes), JSON.stringify(sizes));
});

test("any bytes are cut like that", () => {
  const sizes = { min: 48, avg: 96, max: 384 };
  const chunker = new Chunker(sizes);
  const stretch = fc.oneof(fc.tuple(fc.constant(0), fc.nat(2000)), fc.tuple(fc.integer(), fc.nat(3000)));
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 5 }), (parts) => {
      const bytes = Buffer.concat(
        parts.map(([seed, length]) => (seed === 0 ? new Uint8Array(length) : randomBytes(seed, length))),
      );
      assert.deepEqual(cuts(bytes, chunker), plainCuts(bytes, sizes));
    }),
    { numRuns: 30 },
  );
});

test("a change costs the chunks around it, whatever it does to the offsets behind", () => {
  const bytes = randomBytes(3, 400_000);
  const chunker = new Chunker({ min: 1024, avg: 4096, max: 16_384 });
  const grown = Buffer.concat([bytes.subarray(0, 200_000), Buffer.from("!"), bytes.subarray(200_000)]);
  const before = new Set(cuts(bytes, chunker).map((cut) => bytes.length - cut));
  const behind = cuts(grown, chunker).map((cut) => grown.length - cut);
  const lost = behind.filter((left) => left < 190_000 && !before.has(left));
  assert.ok(lost.length <= 2, String(lost));
});

test("sizes by which nobody cuts are refused", () => {
  for (const sizes of [
    { min: 47, avg: 64, max: 128 },
    { min: 64, avg: 63, max: 128 },
    { min: 64, avg: 256, max: 255 },
    { min: 4 << 20, avg: 16 << 20, max: 64 << 20 },
  ])
    assert.throws(() => new Chunker(sizes), { code: "bad-chunk-sizes" }, JSON.stringify(sizes));
});
