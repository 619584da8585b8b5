// One worker of a simulation: goes round its share of every scenario in turns until time is up, and tells how it goes.
import { parentPort, workerData } from "node:worker_threads";
import { nodeDigest } from "../../src/adapter/digest/node-digest.ts";
import type { ExploreOptions, ExploreReport } from "../../src/sim/explore.ts";
import { Explorer } from "../../src/sim/explore/explorer.ts";
import { FaultExplorer, type FaultReport } from "../../src/sim/explore/fault-explorer.ts";
import { SharedStates } from "../../src/sim/explore/state-set.ts";
import { scenarios } from "../../src/sim/scenarios.ts";

export interface WorkerOrder {
  readonly index: number;
  readonly of: number;
  readonly scenarios: readonly string[];
  readonly seed: number;
  readonly statesPerCrash: number;
  readonly crashes: number;
  /** Time for all of it. */
  readonly seconds: number;
  /** So many crashes in a row are explored whatever time it takes. */
  readonly atLeast: number;
  readonly faults: boolean;
  readonly states: SharedArrayBuffer;
}

export type WorkerNews =
  | { readonly kind: "states"; readonly index: number; readonly states: number; readonly scenario: string }
  | { readonly kind: "report"; readonly report: WorkerReport }
  | { readonly kind: "done" };

export interface WorkerReport {
  readonly scenario: string;
  readonly crashes: ExploreReport;
  readonly faults: FaultReport | undefined;
  readonly seconds: number;
}

interface Task {
  readonly name: string;
  readonly crashes: Explorer;
  readonly faults: FaultExplorer | undefined;
  crashesDone: boolean;
  faultsDone: boolean;
  milliseconds: number;
}

/** States that wait, over all scenarios: each keeps a few kilobytes. */
const waitingMax = 500_000;
/** Every task has this many turns at least. */
const rounds = 6;
const shortestTurnMs = 50;
/** Half of the time goes to all alike, half to each by the states it yields, up to so many times the usual. */
const richestShare = 3;

// Nobody looks at the stack of a fault that the simulated world has planned, and taking it is a good part of the time.
Error.stackTraceLimit = 0;

const order = workerData as WorkerOrder;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows, and this is a thread
const tell = (news: WorkerNews): void => parentPort?.postMessage(news);
const until = performance.now() + order.seconds * 1000;

async function taskOf(name: string): Promise<Task> {
  const listed = scenarios.find((item) => item.name === name);
  if (listed === undefined) throw new Error(`Assertion failed: ${name} is a scenario`);
  const scenario = await listed.make(order.seed);
  const options: ExploreOptions = {
    seed: order.seed,
    statesPerCrash: order.statesPerCrash,
    crashes: order.crashes,
    maxWaiting: Math.ceil(waitingMax / order.scenarios.length),
    digest: nodeDigest,
    states: new SharedStates(order.states),
    slice: { index: order.index, of: order.of },
  };
  const withFaults = order.faults && scenario.faults === undefined;
  return {
    name,
    crashes: new Explorer(scenario, options),
    faults: withFaults ? new FaultExplorer(scenario, options) : undefined,
    crashesDone: false,
    faultsDone: !withFaults,
    milliseconds: 0,
  };
}

function statesOf({ crashes, faults }: Task): number {
  return crashes.distinctStates + (faults?.distinctStates ?? 0);
}

let told = 0;
let before = 0;

/** One turn of a task: a quarter of it for faults, the rest for crashes. */
async function turn(task: Task, turnMs: number): Promise<void> {
  const begin = performance.now();
  const enough = (share: number) => (): boolean => {
    const now = performance.now();
    if (now > told + 500) {
      told = now;
      const states = before + statesOf(task);
      tell({ kind: "states", index: order.index, states, scenario: task.name });
    }
    return now > until || now > begin + turnMs * share;
  };
  if (!task.faultsDone && task.faults !== undefined)
    task.faultsDone = await task.faults.advance(enough(task.crashesDone ? 1 : 0.25));
  if (!task.crashesDone) task.crashesDone = await task.crashes.advance(enough(1));
  task.milliseconds += performance.now() - begin;
}

const tasks: Task[] = [];
for (const name of order.scenarios) tasks.push(await taskOf(name));
for (const task of tasks) {
  const begin = performance.now();
  if (order.atLeast > 0) task.crashesDone = await task.crashes.advance(() => task.crashes.covered >= order.atLeast);
  task.milliseconds += performance.now() - begin;
}
for (let open = tasks; open.length > 0 && performance.now() < until; ) {
  const turnMs = (until - performance.now()) / open.length / rounds;
  const yields = open.map((task) => statesOf(task) / Math.max(task.milliseconds, 1));
  const usual = yields.reduce((sum, one) => sum + one, 0) / open.length;
  for (const [at, task] of open.entries()) {
    if (performance.now() > until) break;
    before -= statesOf(task);
    const share = usual === 0 ? 1 : (1 + Math.min((yields[at] ?? 0) / usual, richestShare)) / 2;
    await turn(task, Math.max(shortestTurnMs, turnMs * share));
    before += statesOf(task);
  }
  open = open.filter((task) => !task.crashesDone || !task.faultsDone);
}
for (const { name, crashes, faults, milliseconds } of tasks)
  tell({
    kind: "report",
    report: { scenario: name, crashes: await crashes.report(), faults: faults?.report(), seconds: milliseconds / 1000 },
  });
tell({ kind: "done" });
