import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeFreshness, trustedNowMs } from "./trusted-time.ts";

test("The latest witness tells the time", () => {
  const rows = [
    [1970, 2026, 2027, 2027],
    [2030, 2026, 2027, 2030],
    [1970, 2026, undefined, 2026],
    [Number.NaN, 2026, undefined, 2026],
  ] as const;
  for (const [clockMs, buildTimeMs, lastSignedMs, now] of rows) {
    assert.equal(trustedNowMs({ clockMs, buildTimeMs, lastSignedMs }), now);
  }
});

test("Metadata is refused when it is older than what was accepted, or past its date", () => {
  const rows = [
    [{ signedAtMs: 10, floorMs: 10, staleFromMs: 20 }, 20, "fresh"],
    [{ signedAtMs: 10, floorMs: 10, staleFromMs: 20 }, 21, "stale"],
    [{ signedAtMs: 9, floorMs: 10, staleFromMs: 20 }, 21, "older"],
    [{ signedAtMs: 9, floorMs: undefined, staleFromMs: undefined }, 99, "fresh"],
    [{ signedAtMs: undefined, floorMs: 10, staleFromMs: undefined }, 99, "fresh"],
  ] as const;
  for (const [age, nowMs, freshness] of rows) assert.equal(judgeFreshness(age, nowMs), freshness);
});
