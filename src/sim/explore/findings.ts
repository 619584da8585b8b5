// Keeps what went wrong during an exploration, and tells the shortest way there.
import type { Scenario, Violation } from "../explore.ts";
import type { PlannedFault } from "../fault-plan.ts";
import type { SimWorld } from "../machine.ts";
import { type Cut, replay, type Schedule, shrink } from "./schedule.ts";

interface Found {
  readonly what: readonly string[];
  readonly schedule: Schedule;
}

export class Findings {
  /** How often something was wrong. */
  count: number = 0;
  readonly #scenario: Scenario;
  readonly #start: SimWorld;
  #best: Found | undefined;

  constructor(scenario: Scenario, start: SimWorld) {
    this.#scenario = scenario;
    this.#start = start;
  }

  /** `what` is wrong behind these faults and cuts; nothing when it is empty. */
  judge(
    what: readonly string[],
    cuts: readonly Cut[],
    faults: readonly PlannedFault[] = this.#scenario.faults ?? [],
  ): void {
    if (what.length === 0) return;
    this.count++;
    if (this.#best === undefined || cuts.length < this.#best.schedule.cuts.length)
      this.#best = { what, schedule: { faults, cuts } };
  }

  /** In words, made smaller first. */
  async shortest(): Promise<Violation | undefined> {
    if (this.#best === undefined) return undefined;
    const { what, schedule } = this.#best;
    const small = await shrink(this.#scenario, this.#start, schedule);
    const told = await replay(this.#scenario, this.#start, small);
    return {
      // A violation that does not come again is told as it was seen.
      what: told.what.length > 0 ? told.what : what,
      schedule: told.lines,
      crashes: small.cuts.length,
    };
  }
}
