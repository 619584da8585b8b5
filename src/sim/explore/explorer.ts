// Explores one scenario level by level: all states behind one crash, then those behind two in a row, and so on. A state is
// recovered from as soon as it is found; the moments of its recovery are looked at once its level is done, in a second run:
// most of the time goes into moments, and the states behind the last cut need none of it.
import { SeededRandom } from "../../base/random.ts";
import { countChoices, crashChoices } from "../crash-choices.ts";
import { CrashView } from "../crash-view.ts";
import type { CrashPoint, ExploreOptions, ExploreReport, Scenario } from "../explore.ts";
import type { PlannedFault } from "../fault-plan.ts";
import type { SimWorld } from "../machine.ts";
import { Findings } from "./findings.ts";
import type { Cut } from "./schedule.ts";
import { failed } from "./schedule.ts";
import { hashState, OwnStates, type StateSet } from "./state-set.ts";
import { WorkDone } from "./work-done.ts";

/** A crash, and what it left. */
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
  #begun: boolean = false;
  /** States that were found in one run; nobody has recovered from those that `#freshAt` has not passed. */
  #fresh: Waiting[] = [];
  #freshAt: number = 0;
  /** Safe states behind `#level` crashes in a row: from `#at` on, power has not been cut in their recovery yet. */
  #level: number = 0;
  #waiting: (Waiting | undefined)[] = [];
  #at: number = 0;
  /** Those behind one crash more. */
  #next: Waiting[] = [];
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
    if (!this.#begun) await this.#begin();
    for (;;) {
      if (this.#distinctStates >= (this.#options.maxStates ?? Number.POSITIVE_INFINITY)) return true;
      if (enough()) return false;
      const state = this.#fresh[this.#freshAt++];
      if (state !== undefined) await this.#lookInto(state);
      else if (!(await this.#cutRecovery())) return true;
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
      stoppedEarly:
        this.#dropped || this.#freshAt < this.#fresh.length || this.#next.length > 0 || this.#at < this.#waiting.length,
      firstRun: this.#firstRun,
    };
  }

  async #begin(): Promise<void> {
    this.#begun = true;
    const { work, check, faults = [] } = this.#scenario;
    const world = this.#start.fork();
    const { calls, problem } = await this.#run(world, work, { cuts: [], faults }, true);
    this.#calls = calls;
    // With faults the work may give up; it must do so safely, and a later run finish.
    const end = new WorkDone({ ...this.#scenario, ...this.#scenario.afterWork });
    if (faults.length === 0) this.#findings.judge([...problem, ...(await end.missing(world))], []);
    this.#findings.judge(await check(world), []);
  }

  /** Cuts the power in the recovery from one more state; goes on to the next level where this one is done. */
  async #cutRecovery(): Promise<boolean> {
    const crashes = this.#options.crashes ?? 1;
    if (this.#at >= this.#waiting.length) {
      this.#level++;
      this.#waiting = this.#next;
      this.#next = [];
      this.#at = 0;
      // With nothing new behind the last cut there is nothing behind further ones either.
      if (!this.#dropped) this.#covered = this.#waiting.length === 0 ? crashes : this.#level;
    }
    this.#fresh = [];
    this.#freshAt = 0;
    const state = this.#waiting[this.#at];
    if (state === undefined) return false;
    // What is done is not needed any more.
    this.#waiting[this.#at++] = undefined;
    const world = afterCut(state);
    await this.#scenario.boot?.(world);
    await this.#run(world, this.#scenario.recover, { cuts: state.cuts, faults: [] }, true);
    return true;
  }

  /** Power is back: the machine boots, the command is run again, and the work must be done. */
  async #lookInto(state: Waiting): Promise<void> {
    const { check, boot, recover } = this.#scenario;
    const { cuts } = state;
    const world = afterCut(state);
    this.#distinctStates++;
    const unsafe = [...(await check(world)), ...((await boot?.(world)) ?? [])];
    this.#findings.judge(unsafe, cuts);
    if (unsafe.length > 0) return;
    const { problem } = await this.#run(world, recover, { cuts, faults: [] }, false);
    this.#findings.judge([...problem, ...(await this.#end.missing(world))], cuts);
    if (cuts.length >= (this.#options.crashes ?? 1)) return;
    const { length } = this.#next;
    if (length + this.#waiting.length - this.#at < (this.#options.maxWaiting ?? maxWaiting)) this.#next.push(state);
    else this.#dropped = true;
  }

  /** Runs a command; `watched`: with a look at every moment at which something changes. */
  async #run(world: SimWorld, command: Scenario["work"], stage: Stage, watched: boolean): Promise<Run> {
    this.#runs++;
    const { machine, gate } = world.run(stage.faults);
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
      if (!this.#states.add(hash)) continue;
      fork ??= world.fork();
      this.#fresh.push({ world: fork, cuts: [...cuts, cut] });
    }
  }

  /** Whether another run was in the same place, with the same waiting for its flush. */
  #isKnown(world: SimWorld): boolean {
    const tag = this.#scenario.tagMoment?.(world);
    return tag !== undefined && !this.#moments.add(hashState(tag, this.#salt));
  }

  async #checkLasting(): Promise<void> {
    const waiting = this.#lasting;
    this.#lasting = [];
    for (const { world, cuts } of waiting) {
      const { checkLasting } = cuts.length > 1 ? this.#scenario : { ...this.#scenario, ...this.#scenario.afterWork };
      this.#findings.judge((await checkLasting?.(world)) ?? [], cuts);
    }
  }
}

/** The disks as the power cut leaves them. */
function afterCut({ world, cuts }: Waiting): SimWorld {
  return world.afterCrash(cuts.at(-1)?.picks ?? []);
}
