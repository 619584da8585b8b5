// Crashes at every port call, all disk states that can follow, recovery from each, and a crash in that as well (P6).
import { SeededRandom } from "../base/random.ts";
import type { Machine } from "../port/machine.ts";
import { countChoices, crashChoices, describePicks } from "./crash-choices.ts";
import type { PlannedFault } from "./fault-plan.ts";
import type { SimWorld } from "./machine.ts";

/** In words; none when all is well. */
type Problems = readonly string[] | Promise<readonly string[]>;

export interface Scenario {
  readonly name: string;
  /** The world at the start. It is forked, never changed. */
  readonly world: SimWorld;
  readonly work: (machine: Machine) => Promise<void>;
  /** What is run once power is back; mostly the same as `work`. */
  readonly recover: (machine: Machine) => Promise<void>;
  /** What firmware, loader and initrd do in between; returns what is wrong when the machine does not come up. */
  readonly boot?: (world: SimWorld) => Promise<readonly string[]>;
  /** Safety: what is wrong with this state, at any moment. */
  readonly check: (world: SimWorld) => Problems;
  /** Liveness: what is missing once the work or the recovery is done. */
  readonly checkDone: (world: SimWorld) => Problems;
  /** What success promised for good: checked after every power cut that follows the last call, before anything is run. */
  readonly checkLasting?: (world: SimWorld) => Problems;
  /** Whether `recover` is run once more where it is done, and must change nothing that `nameState` sees (P7). */
  readonly settles?: boolean;
  /** Two states with one name are explored once; everything but times when absent. */
  readonly nameState?: (world: SimWorld) => string;
  /** Faults in the first run; the recovery is spared. With faults, `work` may fail. */
  readonly faults?: readonly PlannedFault[];
}

export interface ExploreOptions {
  readonly seed: number;
  /** Disk states looked at for each crash; all of them up to here, that many samples beyond. */
  readonly statesPerCrash: number;
  /** Crashes in a row: 2 puts one into each recovery as well. 1 when absent. */
  readonly crashes?: number;
  /** Stops, and says so, after this many distinct states. */
  readonly maxStates?: number;
  /** Asked between states; stops, and says so, when it answers true. */
  readonly enough?: () => boolean;
}

export interface Violation {
  /** What was wrong, in the words of the checkers. */
  readonly what: readonly string[];
  /** For each crash, where it fell and what survived. Empty: it went wrong without any. */
  readonly schedule: readonly string[];
  readonly crashes: number;
}

export interface ExploreReport {
  readonly scenario: string;
  readonly seed: number;
  /** Port calls of the undisturbed work. */
  readonly calls: number;
  /** Places a crash was put at, all levels together. */
  readonly crashPoints: number;
  /** Of those, with every reachable disk state looked at. */
  readonly crashPointsCovered: number;
  /** Crashes with their outcomes, before equal ones were put together. */
  readonly outcomes: number;
  readonly distinctStates: number;
  readonly violations: number;
  /** Fewest crashes, then fewest words. */
  readonly shortest: Violation | undefined;
  readonly stoppedEarly: boolean;
}

interface Moment {
  readonly where: string;
  /** The work has reported success. */
  readonly done: boolean;
  readonly world: SimWorld;
}

/** The seed is part of the report: the same one explores the same states. */
export function explore(scenario: Scenario, options: ExploreOptions): Promise<ExploreReport> {
  return new Explorer(scenario, options).run();
}

class Explorer {
  readonly #scenario: Scenario;
  readonly #options: ExploreOptions;
  readonly #random: SeededRandom;
  /** By name of state: the most crashes that were still allowed when it was explored. */
  readonly #seen: Map<string, number> = new Map();
  readonly #settled: Set<string> = new Set();
  #crashPoints: number = 0;
  #covered: number = 0;
  #outcomes: number = 0;
  #violations: number = 0;
  #shortest: Violation | undefined;
  #stopped: boolean = false;

  constructor(scenario: Scenario, options: ExploreOptions) {
    this.#scenario = scenario;
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
  }

  async run(): Promise<ExploreReport> {
    const { name, world, work, faults = [] } = this.#scenario;
    const start = world.fork();
    const { calls, moments, problem } = await this.#record(start, work, faults);
    // With faults the work may give up; it must do so safely, and a later run finish.
    if (faults.length === 0) this.#judge([...problem, ...(await this.#done(start))], []);
    this.#judge(await this.#scenario.check(start), []);
    await this.#crash(moments, [], this.#options.crashes ?? 1);
    return {
      scenario: name,
      seed: this.#options.seed,
      calls,
      crashPoints: this.#crashPoints,
      crashPointsCovered: this.#covered,
      outcomes: this.#outcomes,
      distinctStates: this.#seen.size,
      violations: this.#violations,
      shortest: this.#shortest,
      stoppedEarly: this.#stopped,
    };
  }

  /** Runs `work` on `world` and keeps a fork of it before each call that changes something, and one of the end. */
  async #record(
    world: SimWorld,
    work: Scenario["work"],
    faults: readonly PlannedFault[] = [],
  ): Promise<{ calls: number; moments: readonly Moment[]; problem: readonly string[] }> {
    const { machine, gate } = world.run(faults);
    const moments: Moment[] = [];
    gate.beforeCall = (call): void => {
      if (call.changes)
        moments.push({
          done: false,
          where: `before call ${call.number}, ${call.port} ${call.name} ${call.subject}`,
          world: world.fork(),
        });
    };
    const problem: string[] = [];
    try {
      await work(machine);
    } catch (error) {
      problem.push(`it failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    gate.beforeCall = undefined;
    moments.push({ done: problem.length === 0, where: "after the last call", world: world.fork() });
    return { calls: gate.calls, moments, problem };
  }

  async #crash(moments: readonly Moment[], schedule: readonly string[], crashesLeft: number): Promise<void> {
    for (const { where, world, done } of moments) {
      const dimensions = world.crashDimensions();
      this.#crashPoints++;
      if (countChoices(dimensions) <= this.#options.statesPerCrash) this.#covered++;
      for (const picks of crashChoices(dimensions, this.#options.statesPerCrash, this.#random)) {
        if (this.#isEnough()) return;
        this.#outcomes++;
        const survived = describePicks(dimensions, picks);
        const line = `power cut ${where}${survived.length === 0 ? "" : `; found: ${survived.join("; ")}`}`;
        const after = world.afterCrash(picks);
        if (done) this.#judge((await this.#scenario.checkLasting?.(after)) ?? [], [...schedule, line]);
        await this.#recover(after, [...schedule, line], crashesLeft - 1);
      }
    }
  }

  async #recover(world: SimWorld, schedule: readonly string[], crashesLeft: number): Promise<void> {
    const state = this.#nameOf(world);
    if ((this.#seen.get(state) ?? -1) >= crashesLeft) return;
    this.#seen.set(state, crashesLeft);
    const unsafe = [...(await this.#scenario.check(world)), ...((await this.#scenario.boot?.(world)) ?? [])];
    this.#judge(unsafe, schedule);
    if (unsafe.length > 0) return;
    const { moments, problem } = await this.#record(world, this.#scenario.recover);
    this.#judge([...problem, ...(await this.#scenario.check(world)), ...(await this.#done(world))], schedule);
    if (crashesLeft > 0) await this.#crash(moments, schedule, crashesLeft);
  }

  #nameOf(world: SimWorld): string {
    return this.#scenario.nameState?.(world) ?? world.key();
  }

  /** What is missing; asked once for each name of a finished state. */
  async #done(world: SimWorld): Promise<readonly string[]> {
    const problems = await this.#scenario.checkDone(world);
    const name = this.#nameOf(world);
    if (this.#scenario.settles !== true || problems.length > 0 || this.#settled.has(name)) return problems;
    this.#settled.add(name);
    const again = world.fork();
    const { problem } = await this.#record(again, this.#scenario.recover);
    const after = this.#nameOf(again);
    return after === name ? problem : [...problem, `P7: a second run changes something: ${differences(name, after)}`];
  }

  #judge(what: readonly string[], schedule: readonly string[]): void {
    if (what.length === 0) return;
    this.#violations++;
    const found: Violation = { what, schedule, crashes: schedule.length };
    if (this.#shortest === undefined || weigh(found) < weigh(this.#shortest)) this.#shortest = found;
  }

  #isEnough(): boolean {
    const tooMany = this.#seen.size >= (this.#options.maxStates ?? Number.POSITIVE_INFINITY);
    this.#stopped ||= tooMany || this.#options.enough?.() === true;
    return this.#stopped;
  }
}

function differences(before: string, after: string): string {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const lines = [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ];
  return lines.slice(0, 6).join("; ");
}

/** Fewer crashes weigh less than any number of words. */
function weigh({ crashes, schedule }: Violation): number {
  return crashes * 1e6 + schedule.join().length;
}
