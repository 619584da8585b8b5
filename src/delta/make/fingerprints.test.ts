import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../../base/random.ts";
import { FingerprintIndex } from "./fingerprint-index.ts";
import { cutLengths, sampleHashes } from "./fingerprints.ts";

const random = new SeededRandom(7);
const bytes = Uint8Array.from({ length: 1_000_000 }, () => random.below(256));
const moved = new Uint8Array(bytes.length + 777);
moved.set(bytes, 777);

function samplesOf(content: Uint8Array): readonly number[] {
  const into = new Uint32Array(4096);
  return [...into.subarray(0, sampleHashes(content, into))];
}

test("samples are of the content and not of its place: bytes in front change none", () => {
  const samples = new Set(samplesOf(moved));
  const own = samplesOf(bytes);
  assert.ok(own.length > 1500 && own.length < 2500, `${own.length} of a million bytes`);
  assert.ok(own.every((sample) => samples.has(sample)));
});

test("no more samples are taken than there is room for", () => {
  assert.equal(sampleHashes(bytes, new Uint32Array(10)), 10);
});

test("cuts make up the whole, keep their limits, and are found again behind bytes in front", () => {
  const lengths = cutLengths(bytes, true);
  assert.equal(
    lengths.reduce((sum, length) => sum + length, 0),
    bytes.length,
  );
  assert.ok(lengths.slice(0, -1).every((length) => length >= 4 << 10 && length <= 128 << 10));
  const later = new Set(cutLengths(moved, true));
  const shared = lengths.filter((length) => later.has(length)).length;
  assert.ok(shared > lengths.length * 0.8, `${shared} of ${lengths.length}`);
});

test("what lies behind the last cut waits for more, unless it is all there is", () => {
  const whole = cutLengths(bytes, true);
  assert.deepEqual(cutLengths(bytes, false), whole.slice(0, -1));
  assert.deepEqual(cutLengths(bytes.subarray(0, 100), false), [100]);
});

test("an index of any size finds the first piece that had a hash", () => {
  const index = new FingerprintIndex();
  for (let hash = 0; hash < 200_000; hash += 1) index.add(Math.imul(hash, 2_654_435_761) >>> 0, hash);
  index.add(2_654_435_761, 5);
  for (const hash of [0, 1, 77_777, 199_999]) assert.equal(index.find(Math.imul(hash, 2_654_435_761) >>> 0), hash);
  assert.equal(index.find(3), -1);
});
