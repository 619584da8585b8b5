// The Clock port: the machine's own clock, which may be wrong (P13), and a steady one for rates and time-outs.
import { setTimeout as after } from "node:timers/promises";
import { Fault } from "../../base/fault.ts";
import type { Clock } from "../../port/clock.ts";

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  async sleep(milliseconds, signal) {
    try {
      await after(milliseconds, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw new Fault("interrupted", "Cannot go on waiting: it was broken off", {
        kind: "interrupted",
        retriable: true,
        cause: error,
      });
    }
  },
};
