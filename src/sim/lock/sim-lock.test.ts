import assert from "node:assert/strict";
import { test } from "node:test";
import { lockContract } from "../../port/lock.contract.ts";
import { SimClock } from "../clock/sim-clock.ts";
import { SimLock } from "./sim-lock.ts";

lockContract("The simulated lock", async () => ({
  lock: new SimLock({ clock: new SimClock({ startMs: 0 }), pid: 7 }),
  path: "/lock",
  done: async () => {},
}));

test("who waits in vain is refused once the time is over", async () => {
  const clock = new SimClock({ startMs: 0 });
  const lock = new SimLock({ clock, pid: 7 });
  await using _held = await lock.acquire("/lock", "update", 0);
  await assert.rejects(lock.acquire("/lock", "doctor", 60_000), { code: "busy" });
  assert.equal(clock.elapsedMs(), 60_000);
});
