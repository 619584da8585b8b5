// What the bench of deltas has measured so far, kept as `results.json`: a run of one pair or one method replaces only
// its own figures, and pages are written from all of them.
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PairName } from "../images/recipes.ts";
import type { Timed } from "../measure.ts";
import type { Published, Updated } from "./run-method.ts";

/** One update, and the yardstick's in the same turn. */
export interface Round {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly yardstickCpuSeconds: number;
  readonly yardstickWallSeconds: number;
}

export interface MethodResult {
  readonly id: string;
  readonly title: string;
  readonly measuredAt: string;
  readonly published: Published;
  readonly bytes: number;
  readonly requests: number;
  readonly memory: Updated["memory"];
  readonly rounds: readonly Round[];
  /** Medians, of programs that tell their progress. */
  readonly steps?: readonly Timed[];
}

export interface ImageFacts {
  readonly sizeBytes: number;
  readonly contentBytes: number;
  readonly sha256: string;
}

export interface PairResult {
  readonly name: PairName;
  readonly older: ImageFacts;
  readonly newer: ImageFacts;
  readonly changedPackages: number;
  readonly packages: number;
  readonly builtAt: string;
  readonly methods: readonly MethodResult[];
}

export interface Results {
  /** Processor, memory, kernel and load. */
  readonly machine: string;
  readonly pairs: readonly PairResult[];
}

const path = join(import.meta.dirname, "results.json");

export async function readResults(): Promise<Results> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return text === undefined ? { machine: "", pairs: [] } : (JSON.parse(text) as Results);
}

/** With these figures in place of those of the same methods. Figures of other images than these are dropped. */
export function withPair(results: Results, machine: string, pair: PairResult): Results {
  const before = results.pairs.find(({ name }) => name === pair.name);
  const same = before?.older.sha256 === pair.older.sha256 && before.newer.sha256 === pair.newer.sha256;
  const kept = same ? before.methods.filter(({ id }) => !pair.methods.some((method) => method.id === id)) : [];
  const others = results.pairs.filter(({ name }) => name !== pair.name);
  return { machine, pairs: [...others, { ...pair, methods: [...kept, ...pair.methods] }] };
}

export async function writeResults(results: Results): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(results, undefined, 2)}\n`);
  await rename(`${path}.new`, path);
}
