// Runs the scenarios on several cores for a given time, and puts together what the workers found.
import { Worker } from "node:worker_threads";
import type { CrashPoint, ExploreReport, Violation } from "../../src/sim/explore.ts";
import type { FaultReport } from "../../src/sim/explore/fault-explorer.ts";
import { SharedStates } from "../../src/sim/explore/state-set.ts";
import { scenarios as all } from "../../src/sim/scenarios.ts";
import type { WorkerNews, WorkerOrder, WorkerReport } from "./worker.ts";

export interface SimulateOptions {
  readonly seed: number;
  /** Only scenarios whose name contains one of these; all when empty. */
  readonly parts: readonly string[];
  /** Only the scenarios with these names; all when absent. */
  readonly names?: readonly string[];
  readonly statesPerCrash: number;
  readonly crashes: number;
  readonly seconds: number;
  /** So many crashes in a row are explored in every scenario, whatever time it takes; none when absent. */
  readonly atLeast?: number;
  readonly workers: number;
  readonly faults: boolean;
  /** How it goes: states so far, and what is being worked on. */
  readonly onProgress?: (states: number, scenario: string) => void;
}

/** What was found in one scenario: by crashes, and by faults with and without a later crash. */
export interface ScenarioResult extends ExploreReport {
  readonly faults: FaultReport | undefined;
  /** Of all workers together. */
  readonly seconds: number;
}

/** Distinct states that are remembered, at most. */
const statesMax = 4_000_000;

export async function simulate(options: SimulateOptions): Promise<readonly ScenarioResult[]> {
  const { parts, names } = options;
  const scenarios = all
    .map(({ name }) => name)
    .filter((name) => names === undefined || names.includes(name))
    .filter((name) => parts.length === 0 || parts.some((part) => name.includes(part)));
  if (scenarios.length === 0)
    throw new Error(`Cannot simulate: no scenario is called anything like ${parts.join(", ")}`);
  const states = SharedStates.make(statesMax).buffer;
  const progress = Array.from({ length: options.workers }, () => 0);
  const reports = await Promise.all(
    progress.map((_, index) => {
      const { seed, statesPerCrash, crashes, seconds, faults, atLeast = 0 } = options;
      const share = shareOf(scenarios, index, options.workers);
      return work({ ...share, seed, statesPerCrash, crashes, seconds, atLeast, faults, states }, (now, scenario) => {
        progress[index] = now;
        options.onProgress?.(
          progress.reduce((sum, count) => sum + count, 0),
          scenario,
        );
      });
    }),
  );
  return scenarios.map((name) =>
    together(reports.flatMap((found) => found.filter(({ scenario }) => scenario === name))),
  );
}

/** Of so many scenarios a worker, each is one worker's; of fewer, every worker has its share of the moments of each. */
const manyScenarios = 8;

function shareOf(
  scenarios: readonly string[],
  index: number,
  of: number,
): Pick<WorkerOrder, "index" | "of" | "scenarios"> {
  if (scenarios.length < of * manyScenarios) return { index, of, scenarios };
  return { index: 0, of: 1, scenarios: scenarios.filter((_, at) => at % of === index) };
}

function work(
  order: WorkerOrder,
  onStates: (states: number, scenario: string) => void,
): Promise<readonly WorkerReport[]> {
  const worker = new Worker(new URL("worker.ts", import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: 6000, maxYoungGenerationSizeMb: 96 },
  });
  const reports: WorkerReport[] = [];
  return new Promise((resolve, reject) => {
    worker.on("message", (news: WorkerNews) => {
      if (news.kind === "states") onStates(news.states, news.scenario);
      else if (news.kind === "report") reports.push(news.report);
      else resolve(reports);
    });
    worker.on("error", reject);
    worker.on("exit", (code) => reject(new Error(`Cannot go on: a worker ended early with code ${code}`)));
  });
}

/** The shares of the workers as one. */
function together(reports: readonly WorkerReport[]): ScenarioResult {
  const [first] = reports;
  if (first === undefined) throw new Error("Assertion failed: every scenario is reported on");
  const crashes = reports.map((report) => report.crashes);
  const faults = reports.flatMap((report) => report.faults ?? []);
  const sum = <T>(items: readonly T[], count: (item: T) => number): number =>
    items.reduce((total, item) => total + count(item), 0);
  const all = [...crashes, ...faults];
  return {
    ...first.crashes,
    crashPoints: sum(crashes, (one) => one.crashPoints),
    crashPointsCovered: sum(crashes, (one) => one.crashPointsCovered),
    outcomes: sum(crashes, (one) => one.outcomes),
    runs: sum(crashes, (one) => one.runs),
    distinctStates: sum(all, (one) => one.distinctStates),
    crashesCovered: Math.min(...crashes.map((one) => one.crashesCovered)),
    violations: sum(all, (one) => one.violations),
    shortest: shortest(all.map((one) => one.shortest)),
    stoppedEarly: all.some((one) => one.stoppedEarly),
    firstRun: firstRun(crashes),
    faults:
      faults[0] === undefined
        ? undefined
        : { ...faults[0], ...sums(faults), shortest: shortest(faults.map((one) => one.shortest)) },
    seconds: sum(reports, (report) => report.seconds),
  };
}

function sums(
  faults: readonly FaultReport[],
): Pick<FaultReport, "tried" | "succeeded" | "moments" | "distinctStates" | "violations"> {
  const total = { tried: 0, succeeded: 0, moments: 0, distinctStates: 0, violations: 0 };
  for (const one of faults) {
    total.tried += one.tried;
    total.succeeded += one.succeeded;
    total.moments += one.moments;
    total.distinctStates += one.distinctStates;
    total.violations += one.violations;
  }
  return total;
}

/** Each moment was one worker's. */
function firstRun(reports: readonly ExploreReport[]): readonly CrashPoint[] {
  const [first] = reports;
  return (first?.firstRun ?? []).map((point, index) =>
    reports
      .map((report) => report.firstRun[index] ?? point)
      .reduce((best, one) => (one.tried > best.tried ? one : best)),
  );
}

function shortest(found: readonly (Violation | undefined)[]): Violation | undefined {
  return found
    .filter((one) => one !== undefined)
    .sort((a, b) => a.crashes - b.crashes || a.schedule.join().length - b.schedule.join().length)[0];
}
