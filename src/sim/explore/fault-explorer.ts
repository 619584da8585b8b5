// One fault at every port call, and media that run full at any byte: the run may fail, but nothing promised is broken at
// any moment, success is true, and once faults stop the same command finishes the work (issue 3, the simulated world).
import { SeededRandom } from "../../base/random.ts";
import type { CrashPicks } from "../crash-choices.ts";
import type { ExploreOptions, Scenario, Violation } from "../explore.ts";
import type { SimWorld } from "../machine.ts";
import { describePlan, endFaults, faultyRun } from "./faulty-run.ts";
import { type FaultPlanned, faultPlans } from "./fault-plans.ts";
import { failed } from "./schedule.ts";
import { hashState, OwnStates, type StateHash, type StateSet } from "./state-set.ts";
import { WorkDone } from "./work-done.ts";

export interface FaultReport {
  readonly scenario: string;
  readonly seed: number;
  /** Plans of one fault each: how many there are, and how many were tried. */
  readonly plans: number;
  readonly tried: number;
  /** Of those, runs that reported success all the same. */
  readonly succeeded: number;
  /** Moments of faulty runs whose state all checkers looked at. */
  readonly moments: number;
  /** States that faults, or faults and a later crash, left, and that were booted and recovered from; none of them counted twice. */
  readonly distinctStates: number;
  readonly violations: number;
  readonly shortest: Violation | undefined;
  readonly stoppedEarly: boolean;
}

/** A crash after a fault, that waits to be looked into. */
interface Later {
  readonly world: SimWorld;
  readonly picks: CrashPicks;
  readonly where: string;
  readonly hash: StateHash;
}

/** Moments of a faulty run at which power is cut as well, chosen by chance. */
const cutsPerPlan = 3;

export class FaultExplorer {
  readonly #scenario: Scenario;
  readonly #options: ExploreOptions;
  readonly #random: SeededRandom;
  readonly #start: SimWorld;
  readonly #salt: number;
  readonly #states: StateSet;
  readonly #checked: StateSet = new OwnStates();
  readonly #end: WorkDone;
  #plans: readonly FaultPlanned[] | undefined;
  #at: number = 0;
  #tried: number = 0;
  #succeeded: number = 0;
  #moments: number = 0;
  #distinctStates: number = 0;
  #violations: number = 0;
  #shortest: Violation | undefined;

  constructor(scenario: Scenario, options: ExploreOptions) {
    this.#scenario = { ...scenario, ...scenario.afterFault };
    this.#options = options;
    this.#random = new SeededRandom(options.seed + 1);
    this.#salt = hashState(scenario.name, 0).low;
    this.#states = options.states ?? new OwnStates();
    this.#start = scenario.world.fork(options.digest === undefined ? {} : { digest: options.digest });
    this.#end = new WorkDone(this.#scenario);
  }

  /** Goes on until `enough` answers true, asked between plans. `true`: nothing is left to try. */
  async advance(enough: () => boolean): Promise<boolean> {
    this.#plans ??= (await faultPlans(this.#scenario, this.#start, new SeededRandom(this.#options.seed))).plans;
    const { index = 0, of = 1 } = this.#options.slice ?? {};
    for (; this.#at < this.#plans.length; this.#at++) {
      if (enough()) return false;
      const plan = this.#plans[this.#at];
      if (plan !== undefined && this.#at % of === index) await this.#try(plan);
    }
    return true;
  }

  get distinctStates(): number {
    return this.#distinctStates;
  }

  report(): FaultReport {
    const plans = this.#plans?.length ?? 0;
    return {
      scenario: this.#scenario.name,
      seed: this.#options.seed,
      plans,
      tried: this.#tried,
      succeeded: this.#succeeded,
      moments: this.#moments,
      distinctStates: this.#distinctStates,
      violations: this.#violations,
      shortest: this.#shortest,
      stoppedEarly: this.#at < plans,
    };
  }

  async #try(plan: FaultPlanned): Promise<void> {
    this.#tried++;
    const world = this.#start.fork();
    const told = describePlan(plan);
    const run = await faultyRun(this.#scenario, world, plan, {
      cuts: cutsPerPlan,
      random: this.#random,
      isNew: (now) => this.#checked.add(this.#hash(now)),
    });
    this.#moments += run.moments.length;
    const rots = plan.fault?.instead === "rot";
    for (const moment of [...run.moments, { world, where: "at the end" }]) {
      const what = await this.#scenario.check(moment.world);
      // Nobody keeps a medium from turning bytes into others; that an entry with them is started is what must not be.
      this.#judge(rots ? what.filter((one) => !one.startsWith("P9")) : what, [told, moment.where], 0);
    }
    if (run.succeeded) {
      this.#succeeded++;
      const { checkLasting } = { ...this.#scenario, ...this.#scenario.afterWork };
      this.#judge((await checkLasting?.(world)) ?? [], [told, "it reported success"], 0);
    }
    // Between a rename and the reading back behind it, rot and a power cut would be two faults at once.
    for (const { world: before, picks, where } of rots ? [] : run.cuts)
      await this.#lookInto({ world: before, picks, where, hash: this.#hash(before.afterCrash(picks)) }, told);
    await this.#goOn(world, told, rots);
  }

  /**
   * The same command again without faults; for every other plan the machine is switched off and on first, and always where
   * the medium has other bytes than its cache.
   */
  async #goOn(world: SimWorld, told: string, rots: boolean): Promise<void> {
    endFaults(world);
    const schedule = [told, "then no more faults"];
    if (this.#random.chance(0.5) || rots) {
      world.restart();
      schedule.push("restarted");
      if (this.#states.add(this.#hash(world))) this.#distinctStates++;
      const unsafe = (await this.#scenario.boot?.(world)) ?? [];
      this.#judge(unsafe, schedule, 0);
      if (unsafe.length > 0) return;
    }
    await this.#recover(world, schedule, 0);
  }

  async #lookInto({ world: before, picks, where, hash }: Later, told: string): Promise<void> {
    if (!this.#states.add(hash)) return;
    this.#distinctStates++;
    const world = before.afterCrash(picks);
    endFaults(world);
    const schedule = [told, `power cut ${where}`];
    const unsafe = [...(await this.#scenario.check(world)), ...((await this.#scenario.boot?.(world)) ?? [])];
    this.#judge(unsafe, schedule, 1);
    if (unsafe.length === 0) await this.#recover(world, schedule, 1);
  }

  async #recover(world: SimWorld, schedule: readonly string[], crashes: number): Promise<void> {
    const problem: string[] = [];
    try {
      await this.#scenario.recover(world.run().machine);
    } catch (error) {
      problem.push(failed(error));
    }
    this.#judge([...problem, ...(await this.#end.missing(world))], schedule, crashes);
  }

  #hash(world: SimWorld): StateHash {
    return hashState(this.#end.tagOf(world), this.#salt);
  }

  #judge(what: readonly string[], schedule: readonly string[], crashes: number): void {
    if (what.length === 0) return;
    this.#violations++;
    const found = { what, schedule, crashes };
    if (this.#shortest === undefined || isShorter(found, this.#shortest)) this.#shortest = found;
  }
}

/** Fewer power cuts, then fewer things that happen, then fewer words. */
function isShorter(a: Violation, b: Violation): boolean {
  const words = ({ schedule }: Violation): number => schedule.join(" ").length;
  return (a.crashes - b.crashes || a.schedule.length - b.schedule.length || words(a) - words(b)) < 0;
}
