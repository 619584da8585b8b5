import assert from "node:assert/strict";
import { test } from "node:test";
import { rankWays, type WayCost } from "./ways.ts";

const MiB = 2 ** 20;
const way = (kind: WayCost["kind"], mebibytes: number | undefined, more: Partial<WayCost> = {}): WayCost => ({
  kind,
  downloadBytes: mebibytes === undefined ? undefined : mebibytes * MiB,
  requests: 1,
  memoryBytes: 0,
  ...more,
});
const whole = way("whole", 800);

function ranked(...ways: readonly WayCost[]): { order: readonly string[]; because: readonly string[] } {
  const { order, judged } = rankWays(ways, 160 * MiB);
  return { order: order.map(({ kind }) => kind), because: judged.map(({ because }) => because) };
}

test("the cheapest way comes first, the others follow by price, and the whole file is the last", () => {
  assert.deepEqual(ranked(whole, way("chunks", 400), way("delta", 100)), {
    order: ["delta", "chunks", "whole"],
    because: ["if that fails", "if that fails", ""],
  });
});

test("what costs more than the whole file is not tried", () => {
  assert.deepEqual(ranked(whole, way("delta", 801)), { order: ["whole"], because: ["", "it costs more"] });
});

test("requests have a price, too", () => {
  assert.deepEqual(ranked(way("whole", 1), way("chunks", 0.9, { requests: 20 })).order, ["whole"]);
  assert.deepEqual(ranked(way("whole", 1), way("chunks", 0.9, { requests: 2 })).order, ["chunks", "whole"]);
});

test("what this machine cannot go is said and not tried, however cheap it is", () => {
  const delta = way("delta", 1, { memoryBytes: 161 * MiB });
  const other = way("delta", 1, { obstacle: "version 3 is not installed" });
  assert.deepEqual(ranked(whole, delta, other), {
    order: ["whole"],
    because: ["", "it takes 161 MiB of memory, and 160 MiB may be used", "version 3 is not installed"],
  });
});

test("of two that cost the same, the first stays first", () => {
  assert.deepEqual(ranked(way("delta", 1, { memoryBytes: 5 }), way("delta", 1), whole).because, [
    "",
    "if that fails",
    "if that fails",
  ]);
});

test("what costs nobody knows comes behind what is known to be cheaper than the whole file", () => {
  assert.deepEqual(ranked(whole, way("chunks", undefined), way("delta", 700)).order, ["delta", "chunks", "whole"]);
  assert.deepEqual(ranked(whole, way("chunks", undefined), way("delta", 900)).order, ["chunks", "whole"]);
});
