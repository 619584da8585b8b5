// Crashes at every port call, all disk states that can follow, recovery from each, and crashes in that as well (P6).
import type { Digest } from "../port/digest.ts";
import type { Machine } from "../port/machine.ts";
import type { StateSet } from "./explore/state-set.ts";
import { Explorer } from "./explore/explorer.ts";
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
  /** What counts instead once `work` has come to its end undisturbed, where `recover` is held to more. */
  readonly afterWork?: Pick<Scenario, "checkDone" | "checkLasting">;
  /** What counts instead where something besides the power failed during `work`. */
  readonly afterFault?: Pick<Scenario, "check" | "checkDone" | "checkLasting">;
  /** Whether `recover` is run once more where it is done, and must change nothing that `nameState` sees (P7). */
  readonly settles?: boolean;
  /** Two states with one name are explored once; everything but times when absent. */
  readonly nameState?: (world: SimWorld) => string;
  /** As short as can be, and the same for two states exactly when `nameState` is; that itself when absent. */
  readonly tagState?: (world: SimWorld) => string;
  /** Moments of runs with one tag have the same states behind a power cut; they are looked at once. */
  readonly tagMoment?: (world: SimWorld) => string;
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
  /** States whose recovery waits for its own power cuts, at most; beyond, theirs are left out, and the report says so. 20,000 when absent. */
  readonly maxWaiting?: number;
  /** A faster SHA-256 than the world's own. */
  readonly digest?: Digest;
  /** Names of explored states; shared where several explore one scenario. */
  readonly states?: StateSet;
  /** Of the first run's moments only each `of`th, from `index` on: the share of one of several explorers. */
  readonly slice?: { readonly index: number; readonly of: number };
}

export interface Violation {
  /** What was wrong, in the words of the checkers. */
  readonly what: readonly string[];
  /** For each fault and each crash, where it fell and what survived. Empty: it went wrong without any. */
  readonly schedule: readonly string[];
  readonly crashes: number;
}

/** One moment of the first run at which power may go. */
export interface CrashPoint {
  /** Number of the port call it comes before; one more than there are: after the last. */
  readonly call: number;
  readonly what: string;
  /** Sets of surviving operations that can be told apart, and how many of those were looked at. */
  readonly subsets: number;
  readonly tried: number;
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
  /** Disk states that a crash left and that were booted and recovered from, each once. */
  readonly distinctStates: number;
  /** So many crashes in a row are covered completely, up to the sampling that `crashPointsCovered` tells of. */
  readonly crashesCovered: number;
  /** Runs of the work or the recovery. */
  readonly runs: number;
  readonly violations: number;
  /** Fewest crashes first, made smaller where that was possible. */
  readonly shortest: Violation | undefined;
  readonly stoppedEarly: boolean;
  /** The moments of the first run. */
  readonly firstRun: readonly CrashPoint[];
}

/** The seed is part of the report: the same one explores the same states. */
export async function explore(scenario: Scenario, options: ExploreOptions): Promise<ExploreReport> {
  const explorer = new Explorer(scenario, options);
  await explorer.advance(options.enough ?? ((): boolean => false));
  return explorer.report();
}
