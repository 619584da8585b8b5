import { dateText } from "../base/date-text.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { ageText, countText, sizeText, spanText } from "./units.ts";

test("sizes are told in the unit that suits them", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [512 * 1024, "0.5 MiB"],
    [1_048_576, "1.0 MiB"],
    [-1_048_576, "-1.0 MiB"],
    [9_663_676_416, "9216.0 MiB"],
    [20 * 1024 ** 3, "20.0 GiB"],
  ];
  assert.deepEqual(
    cases.map(([bytes]) => sizeText(bytes)),
    cases.map(([, text]) => text),
  );
});

test("spans are told in their largest unit", () => {
  const cases: readonly (readonly [number, string])[] = [
    [1, "1 second"],
    [59, "59 seconds"],
    [60, "1 minute"],
    [3600, "1 hour"],
    [47 * 3600, "47 hours"],
    [48 * 3600, "2 days"],
    [60 * 86_400, "2 months"],
    [730 * 86_400, "2 years"],
  ];
  assert.deepEqual(
    cases.map(([seconds]) => spanText(seconds * 1000)),
    cases.map(([, text]) => text),
  );
});

test("ages are told from now, and a moment that is to come is told as a date", () => {
  const nowMs = Date.UTC(2026, 2, 14, 15, 9);
  assert.equal(ageText(nowMs - 59_000, nowMs), "just now");
  assert.equal(ageText(nowMs - 3 * 3_600_000, nowMs), "3 hours ago");
  assert.equal(ageText(nowMs + 3_600_000, nowMs), "2026-03-14 16:09 UTC (in the future)");
});

test("a date that no calendar has does not throw", () => {
  assert.equal(dateText(Number.NaN), "an impossible date");
  assert.equal(dateText(1e17), "an impossible date");
});

test("one is not many", () => {
  assert.deepEqual([countText(1, "transfer"), countText(2, "transfer")], ["1 transfer", "2 transfers"]);
});
