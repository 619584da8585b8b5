// Fuzzes one target in a thread of its own and watches it: a thread that hangs or dies names the input it had.
import { Worker } from "node:worker_threads";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { readCorpus, storeInput } from "./corpus.ts";
import {
  type Crash,
  type CrashKind,
  type FromWorker,
  inputBytesMax,
  shared,
  sharedHeadBytes,
  type WorkDone,
  type WorkOrder,
} from "./messages.ts";

export interface FuzzOptions {
  readonly root: string;
  readonly executions: number;
  readonly seconds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface Fuzzed extends WorkDone {
  readonly target: string;
  readonly crashes: readonly { readonly kind: CrashKind; readonly what: string; readonly file: string }[];
}

/** Far beyond what one execution may take, on a machine that does other things as well. */
const hungMilliseconds = 30_000;
const lookMilliseconds = 1000;
const progressLooks = 15;
const stopMilliseconds = 10_000;
/** The thread's own heap; a parser that needs more is one without bounds. */
const resourceLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 32 };

export function corpusFolder(root: string, target: string): string {
  return join(root, "fuzz", "corpus", target);
}

/** Ends early when the thread does: after a hang or a death the table shows fewer executions than were asked for. */
export async function fuzzTarget(target: string, options: FuzzOptions): Promise<Fuzzed> {
  const memory = new SharedArrayBuffer(sharedHeadBytes + inputBytesMax);
  const head = new Int32Array(memory, 0, sharedHeadBytes / 4);
  const order: WorkOrder = {
    root: options.root,
    executions: options.executions,
    seconds: options.seconds,
    seed: options.seed,
    target,
    shared: memory,
    corpus: await readCorpus(corpusFolder(options.root, target)),
  };
  const crashes: Crash[] = [];
  const begin = performance.now();
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: order,
    resourceLimits,
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const underWay = (): Uint8Array => new Uint8Array(memory, sharedHeadBytes, head[shared.inputBytes]).slice();
  const done = await new Promise<WorkDone>((resolve) => {
    let settled = false;
    const ended = (kind: CrashKind, what: string): void => {
      settled = true;
      crashes.push({ kind, bytes: underWay(), what });
      resolve(unfinished(head, begin));
    };
    const stopWatching = watch(head, options, target, () => ended("hung", `no end after ${hungMilliseconds / 1000} s`));
    worker.on("message", (message: FromWorker) => {
      if ("crash" in message) crashes.push(message.crash);
      else {
        settled = true;
        resolve(message.done);
      }
    });
    worker.on("error", (error: unknown) =>
      ended("died", error instanceof Error ? (error.stack ?? error.message) : String(error)),
    );
    worker.on("exit", () => {
      stopWatching();
      // With nothing left to wait for a thread just ends: then what it was told to do never settled.
      if (!settled) ended("died", "it waits for what never comes");
    });
  });
  // A thread that is short of memory may take for ever to stop: the others need not wait for it.
  worker.unref();
  await Promise.race([worker.terminate(), setTimeout(stopMilliseconds)]);
  const folder = join(options.root, ".cache", "fuzz", target);
  const stored: Fuzzed["crashes"][number][] = [];
  for (const { kind, bytes, what } of crashes) stored.push({ kind, what, file: await storeInput(folder, bytes) });
  return { target, ...done, crashes: stored };
}

/** Says how it goes, and calls `hung` once when one execution does not end. */
function watch(head: Int32Array, options: FuzzOptions, target: string, hung: () => void): () => void {
  let looks = 0;
  let before = -1;
  let since = performance.now();
  const timer = setInterval(() => {
    const executions = head[shared.executions] ?? 0;
    if (executions !== before) {
      before = executions;
      since = performance.now();
    } else if (executions > 0 && performance.now() - since > hungMilliseconds) {
      clearInterval(timer);
      hung();
    }
    if (++looks % progressLooks === 0)
      options.say(`${target}: ${executions} executions, corpus ${head[shared.corpus]}, edges ${head[shared.edges]}`);
  }, lookMilliseconds);
  return () => clearInterval(timer);
}

function unfinished(head: Int32Array, begin: number): WorkDone {
  return {
    executions: head[shared.executions] ?? 0,
    seconds: (performance.now() - begin) / 1000,
    corpus: [],
    edges: { reached: head[shared.edges] ?? 0, total: 0 },
    slowestMilliseconds: Number.NaN,
    largestBytes: Number.NaN,
  };
}
