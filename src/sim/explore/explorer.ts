// Explores one scenario level by level: all states behind one crash, then those behind two in a row, and so on.
import { SeededRandom } from "../../base/random.ts";
import { countChoices, crashChoices } from "../crash-choices.ts";
import { CrashView } from "../crash-view.ts";
import type { CrashPoint, ExploreOptions, ExploreReport, Scenario } from "../explore.ts";
import type { PlannedFault } from "../fault-plan.ts";
import type { SimWorld } from "../machine.ts";
import { Findings } from "./findings.ts";
import type { Cut } from "./schedule.ts";
import { failed } from "./schedule.ts";
import { hashState, OwnStates, type StateHash, type StateSet } from "./state-set.ts";
import { WorkDone } from "./work-done.ts";

/** A crash that waits to be looked into. */
interface Waiting {
  /** At the moment of the last cut. */
  readonly world: SimWorld;
  readonly cuts: readonly [...Cut[], Cut];
}

/** A state that success was reported before. */
interface Lasting {
  readonly world: SimWorld;
  readonly cuts: readonly Cut[];
}

/** Where in the exploration a run stands. */
interface Stage {
  readonly cuts: readonly Cut[];
  readonly faults: readonly PlannedFault[];
}

interface Run {
  readonly calls: number;
  readonly problem: readonly string[];
}

const maxWaiting = 20_000;

export class Explorer {
  readonly #scenario: Scenario;
  readonly #options: ExploreOptions;
  readonly #random: SeededRandom;
  readonly #start: SimWorld;
  readonly #salt: number;
  readonly #states: StateSet;
  readonly #findings: Findings;
  readonly #end: WorkDone;
  readonly #moments: StateSet = new OwnStates();
  readonly #lastingSeen: StateSet = new OwnStates();
  #lasting: Lasting[] = [];
  /** Crashes of the level that is worked on, from `#at`, and of the one after it. */
  #waiting: Waiting[] = [];
  #at: number = 0;
  #next: Waiting[] = [];
  /** Crashes in a row of what is in `#waiting`. */
  #level: number = 0;
  #covered: number = 0;
  #dropped: boolean = false;
  #calls: number = 0;
  #crashPoints: number = 0;
  #crashPointsCovered: number = 0;
  #outcomes: number = 0;
  #distinctStates: number = 0;
  #runs: number = 0;
  readonly #firstRun: CrashPoint[] = [];

  constructor(scenario: Scenario, options: ExploreOptions) {
    this.#scenario = scenario;
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#salt = hashState(scenario.name, 0).low;
    this.#states = options.states ?? new OwnStates();
    this.#start = scenario.world.fork(options.digest === undefined ? {} : { digest: options.digest });
    this.#findings = new Findings(scenario, this.#start);
    this.#end = new WorkDone(scenario);
  }

  /** Goes on until `enough` answers true, asked between states. `true`: nothing is left to explore. */
  async advance(enough: () => boolean): Promise<boolean> {
    if (this.#level === 0) await this.#begin();
    for (;;) {
      const next = this.#take();
      if (next === undefined) return true;
      if (this.#distinctStates >= (this.#options.maxStates ?? Number.POSITIVE_INFINITY)) return true;
      if (enough()) return false;
      this.#at++;
      await this.#lookInto(next);
    }
  }

  /** So many crashes in a row are done with. */
  get covered(): number {
    return this.#covered;
  }

  get distinctStates(): number {
    return this.#distinctStates;
  }

  async report(): Promise<ExploreReport> {
    return {
      scenario: this.#scenario.name,
      seed: this.#options.seed,
      calls: this.#calls,
      crashPoints: this.#crashPoints,
      crashPointsCovered: this.#crashPointsCovered,
      outcomes: this.#outcomes,
      distinctStates: this.#distinctStates,
      crashesCovered: this.#covered,
      runs: this.#runs + this.#end.runs,
      violations: this.#findings.count,
      shortest: await this.#findings.shortest(),
      stoppedEarly: this.#dropped || this.#at < this.#waiting.length || this.#next.length > 0,
      firstRun: this.#firstRun,
    };
  }

  async #begin(): Promise<void> {
    const { work, check, faults = [] } = this.#scenario;
    const world = this.#start.fork();
    const { calls, problem } = await this.#run(world, work, { cuts: [], faults });
    this.#calls = calls;
    // With faults the work may give up; it must do so safely, and a later run finish.
    if (faults.length === 0) this.#findings.judge([...problem, ...(await this.#end.missing(world))], []);
    this.#findings.judge(await check(world), []);
    this.#level = 1;
    this.#turnToNext();
  }

  /** The next crash to look into; goes on to the next level where this one is done. */
  #take(): Waiting | undefined {
    if (this.#at >= this.#waiting.length) {
      if (!this.#dropped) this.#covered = this.#level;
      if (this.#next.length === 0) return undefined;
      this.#level++;
      this.#turnToNext();
    }
    return this.#waiting[this.#at];
  }

  #turnToNext(): void {
    this.#waiting = this.#next;
    this.#next = [];
    this.#at = 0;
  }

  /** Power is back: the machine boots, the command is run again, and the work must be done. */
  async #lookInto({ world: before, cuts }: Waiting): Promise<void> {
    const { check, boot, recover } = this.#scenario;
    const world = before.afterCrash(cuts.at(-1)?.picks ?? []);
    this.#distinctStates++;
    // What is done is not needed any more.
    this.#waiting[this.#at - 1] = { world: this.#start, cuts };
    const unsafe = [...(await check(world)), ...((await boot?.(world)) ?? [])];
    this.#findings.judge(unsafe, cuts);
    if (unsafe.length > 0) return;
    const { problem } = await this.#run(world, recover, { cuts, faults: [] });
    this.#findings.judge([...problem, ...(await this.#end.missing(world))], cuts);
  }

  /** Runs a command, and has every moment at which something changes looked at. */
  async #run(world: SimWorld, command: Scenario["work"], stage: Stage): Promise<Run> {
    this.#runs++;
    const { machine, gate } = world.run(stage.faults);
    const watched = stage.cuts.length < (this.#options.crashes ?? 1);
    let view: CrashView | undefined;
    if (watched)
      gate.beforeCall = (call): void => {
        if (!call.changes) return;
        view = new CrashView(world, view);
        this.#moment(world, view, stage, call.number, `${call.port} ${call.name} ${call.subject}`, false);
      };
    const problem: string[] = [];
    try {
      await command(machine);
    } catch (error) {
      problem.push(failed(error));
    }
    gate.beforeCall = undefined;
    if (watched) {
      view = new CrashView(world, view);
      this.#moment(world, view, stage, gate.calls + 1, "after the last call", problem.length === 0);
      await this.#checkLasting();
    }
    return { calls: gate.calls, problem };
  }

  /** A moment of a run: the states that a power cut leaves, of which the new ones will be looked into. */
  #moment(world: SimWorld, view: CrashView, { cuts }: Stage, call: number, what: string, done: boolean): void {
    const { statesPerCrash, slice } = this.#options;
    const isFirst = cuts.length === 0;
    if (isFirst && slice !== undefined && this.#firstRun.length % slice.of !== slice.index) {
      // Another explorer's share, which is told there.
      this.#firstRun.push({ call, what, subsets: 0, tried: 0 });
      return;
    }
    const subsets = countChoices(view.dimensions);
    const tried = Math.min(subsets, statesPerCrash);
    this.#crashPoints++;
    if (subsets <= statesPerCrash) this.#crashPointsCovered++;
    this.#outcomes += tried;
    if (isFirst) this.#firstRun.push({ call, what, subsets, tried });
    if (!done && (view.unchanged || this.#isKnown(world))) return;
    let fork: SimWorld | undefined;
    for (const picks of crashChoices(view.dimensions, statesPerCrash, this.#random)) {
      const hash = hashState(this.#end.tagOf(view.outcome(picks)), this.#salt);
      const cut: Cut = { call, picks };
      if (done && this.#scenario.checkLasting !== undefined && this.#lastingSeen.add(hash))
        this.#lasting.push({ world: world.afterCrash(picks), cuts: [...cuts, cut] });
      if (!this.#isNew(hash)) continue;
      fork ??= world.fork();
      this.#next.push({ world: fork, cuts: [...cuts, cut] });
    }
  }

  /** Whether another run was in the same place, with the same waiting for its flush. */
  #isKnown(world: SimWorld): boolean {
    const tag = this.#scenario.tagMoment?.(world);
    return tag !== undefined && !this.#moments.add(hashState(tag, this.#salt));
  }

  #isNew(hash: StateHash): boolean {
    const { length } = this.#next;
    if (length + this.#waiting.length - this.#at >= (this.#options.maxWaiting ?? maxWaiting)) {
      this.#dropped = true;
      return false;
    }
    return this.#states.add(hash);
  }

  async #checkLasting(): Promise<void> {
    const waiting = this.#lasting;
    this.#lasting = [];
    for (const { world, cuts } of waiting)
      this.#findings.judge((await this.#scenario.checkLasting?.(world)) ?? [], cuts);
  }
}
