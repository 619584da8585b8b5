// What every Clock must do, as tests (P13: the clock may be wrong, but it may not run backwards while we measure).
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fault } from "../base/fault.ts";
import type { Clock } from "./clock.ts";

export interface ClockFixture {
  readonly clock: Clock;
  done(): Promise<void>;
}

export function clockContract(name: string, make: () => Promise<ClockFixture>): void {
  const check = (sentence: string, body: (clock: Clock) => Promise<void>): void => {
    test(sentence, async () => {
      const fixture = await make();
      try {
        await body(fixture.clock);
      } finally {
        await fixture.done();
      }
    });
  };

  describe(`${name} keeps the Clock contract`, () => {
    check("both times pass while it sleeps, at least as long as asked", async (clock) => {
      const [now, elapsed] = [clock.nowMs(), clock.elapsedMs()];
      await clock.sleep(30);
      assert.ok(clock.elapsedMs() - elapsed >= 29, `${clock.elapsedMs() - elapsed}`);
      assert.ok(clock.nowMs() - now >= 28, `${clock.nowMs() - now}`);
    });

    check("sleepers wake in the order of their times", async (clock) => {
      const woken: number[] = [];
      await Promise.all([60, 20, 40].map((ms) => clock.sleep(ms).then(() => woken.push(ms))));
      assert.deepEqual(woken, [20, 40, 60]);
    });

    check("a sleep that is broken off ends at once with a Fault", async (clock) => {
      const controller = new AbortController();
      const elapsed = clock.elapsedMs();
      const sleeping = clock.sleep(3_600_000, controller.signal);
      controller.abort();
      await assert.rejects(sleeping, (error: unknown) => error instanceof Fault && error.kind === "interrupted");
      await assert.rejects(clock.sleep(3_600_000, controller.signal), (error: unknown) => error instanceof Fault);
      assert.ok(clock.elapsedMs() - elapsed < 60_000);
    });
  });
}
