import assert from "node:assert/strict";
import { test } from "node:test";
import { verdicts } from "./goals.ts";
import { replaceSection } from "./pages.ts";
import { type MethodResult, type PairResult, withPair } from "./results.ts";

function method(id: string, bytes: number, more: Partial<MethodResult> = {}): MethodResult {
  return {
    id,
    title: id,
    measuredAt: "2026-11-22T00:00:00Z",
    published: { cpuSeconds: 100, wallSeconds: 60, storeBytes: bytes },
    bytes,
    requests: 10,
    memory: { pssBytes: 150e6, peakRssBytes: 250e6 },
    rounds: [
      { cpuSeconds: 10, wallSeconds: 9, yardstickCpuSeconds: 5, yardstickWallSeconds: 9 },
      { cpuSeconds: 30, wallSeconds: 9, yardstickCpuSeconds: 5, yardstickWallSeconds: 9 },
      { cpuSeconds: 11, wallSeconds: 9, yardstickCpuSeconds: 5, yardstickWallSeconds: 9 },
    ],
    ...more,
  };
}

function pair(methods: readonly MethodResult[], sha256 = "a"): PairResult {
  const image = { sizeBytes: 1e9, contentBytes: 2e9, sha256 };
  return { name: "rolling", older: image, newer: image, changedPackages: 1, packages: 2, builtAt: "2026", methods };
}

test("goals are held against the yardstick's figures, by the median of the rounds", () => {
  const found = verdicts(pair([method("desync-64", 100e6), method("holdfast-delta", 47e6)]));
  assert.deepEqual(
    found.map(({ what, measured, met }) => [what, measured, met]),
    [
      ["bytes, of desync's", "0.47", false],
      ["requests", "10", true],
      ["client CPU, of desync's", "2.20", true],
      ["client wall, of desync's", "1.00", true],
      ["client peak memory", "150 MB", true],
      ["publisher CPU a GB", "100 s", true],
      ["store growth", "47 MB", true],
    ],
  );
});

test("what was not measured is neither met nor missed", () => {
  assert.deepEqual(verdicts(pair([method("holdfast-delta", 47e6)])), []);
  assert.deepEqual(verdicts(pair([method("desync-64", 100e6)])), []);
});

test("a run replaces the figures of its own methods, and all figures of other images", () => {
  const before = withPair({ machine: "m", pairs: [] }, "m", pair([method("desync-64", 1), method("zsync", 2)]));
  const same = withPair(before, "m", pair([method("zsync", 3)]));
  assert.deepEqual(
    same.pairs[0]?.methods.map(({ id, bytes }) => [id, bytes]),
    [
      ["desync-64", 1],
      ["zsync", 3],
    ],
  );
  assert.equal(withPair(before, "m", pair([method("zsync", 3)], "b")).pairs[0]?.methods.length, 1);
});

test("only what lies between the markers is written anew", () => {
  const [begin, end] = [
    "<!-- written by npm run bench -- delta -->",
    "<!-- end of what npm run bench -- delta writes -->",
  ];
  assert.equal(replaceSection(`a\n${begin}\nold\n${end}\nb\n`, "new"), `a\n${begin}\nnew\n${end}\nb\n`);
  assert.equal(replaceSection("a\n", "new"), undefined);
});
