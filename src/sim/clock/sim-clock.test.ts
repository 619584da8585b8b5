import assert from "node:assert/strict";
import { test } from "node:test";
import { clockContract } from "../../port/clock.contract.ts";
import { SimClock } from "./sim-clock.ts";

clockContract("The simulated clock", async () => ({ clock: new SimClock({ startMs: 1e12 }), done: async () => {} }));

test("a year of sleep takes no time, and a clock that is set does not disturb what is measured", async () => {
  const clock = new SimClock({ startMs: 1e12 });
  await clock.sleep(365 * 86_400_000);
  assert.equal(clock.nowMs(), 1e12 + 365 * 86_400_000);
  clock.set(5);
  assert.deepEqual([clock.nowMs(), clock.elapsedMs()], [5, 365 * 86_400_000]);
});
