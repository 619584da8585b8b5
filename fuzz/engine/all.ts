// Fuzzes many targets, two at a time, until each has had its share; the rest of the total goes to the fastest.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { corpusFolder, type Fuzzed, fuzzTarget } from "./fuzz.ts";
import { storeCorpus } from "./corpus.ts";

export interface AllOptions {
  readonly root: string;
  readonly targets: readonly string[];
  /** For each target. */
  readonly executions: number;
  /** In all; what the targets' own share leaves is added to those that ran fastest. */
  readonly executionsInAll: number;
  /** For each target, at most. */
  readonly seconds: number;
  readonly seed: number;
  /** Whether to replace the stored corpus by what was found. */
  readonly keep: boolean;
  readonly say: (line: string) => void;
}

const atOnce = 2;
/** The rest is shared by so many. */
const fastest = 8;

export async function targetNames(root: string): Promise<readonly string[]> {
  const names = await readdir(join(root, "fuzz", "target"));
  return names.flatMap((name) => (name.endsWith(".ts") ? [name.slice(0, -".ts".length)] : [])).toSorted();
}

export async function fuzzAll(options: AllOptions): Promise<readonly Fuzzed[]> {
  const first = await round(options.targets, options.executions, options.seed, options);
  const left = options.executionsInAll - first.reduce((sum, { executions }) => sum + executions, 0);
  if (left <= 0) return first;
  const chosen = first
    .filter(({ crashes }) => crashes.length === 0)
    .toSorted((a, b) => b.executions / b.seconds - a.executions / a.seconds)
    .slice(0, fastest)
    .map(({ target }) => target);
  const second = await round(chosen, Math.ceil(left / Math.max(1, chosen.length)), options.seed + 1, options);
  return first.map((one) => {
    const more = second.find(({ target }) => target === one.target);
    return more === undefined ? one : together(one, more);
  });
}

async function round(
  targets: readonly string[],
  executions: number,
  seed: number,
  options: AllOptions,
): Promise<readonly Fuzzed[]> {
  const queue = [...targets];
  const found: Fuzzed[] = [];
  const work = async (): Promise<void> => {
    for (let target = queue.shift(); target !== undefined; target = queue.shift()) {
      const fuzzed = await fuzzTarget(target, { ...options, executions, seed });
      options.say(
        `${target}: done, ${fuzzed.executions} executions, ${Math.round(fuzzed.executions / fuzzed.seconds)} a second, ` +
          `edges ${fuzzed.edges.reached} of ${fuzzed.edges.total}, ${fuzzed.crashes.length} crashes`,
      );
      if (options.keep && fuzzed.corpus.length > 0)
        await storeCorpus(corpusFolder(options.root, target), fuzzed.corpus);
      found.push(fuzzed);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found.toSorted((a, b) => (a.target < b.target ? -1 : 1));
}

function together(one: Fuzzed, more: Fuzzed): Fuzzed {
  const better = more.edges.reached >= one.edges.reached ? more : one;
  return {
    target: one.target,
    executions: one.executions + more.executions,
    seconds: one.seconds + more.seconds,
    corpus: better.corpus,
    edges: better.edges,
    slowestMilliseconds: Math.max(one.slowestMilliseconds, more.slowestMilliseconds),
    largestBytes: Math.max(one.largestBytes, more.largestBytes),
    crashes: [...one.crashes, ...more.crashes],
  };
}
