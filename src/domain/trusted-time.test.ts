import assert from "node:assert/strict";
import { test } from "node:test";
import { trustedNowMs } from "./trusted-time.ts";

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
