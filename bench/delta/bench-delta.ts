// Ours and the other ways to bring a machine from one image to the next, in turns, on pairs of images from Debian packages
// (issue: "ship less than half the bytes"). The yardstick is desync with its own chunk size.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describeMissing, ensureTools } from "../../tools/toolbox/toolbox.ts";
import { machine } from "../figure.ts";
import { changedPackages, type ImagePair, imagePair } from "../images/image-pair.ts";
import type { PairName } from "../images/recipes.ts";
import { median } from "../measure.ts";
import { benchFolder } from "../stage.ts";
import type { Method, Place } from "./method.ts";
import { methods, yardstick } from "./methods.ts";
import {
  type MethodResult,
  type PairResult,
  readResults,
  type Results,
  type Round,
  withPair,
  writeResults,
} from "./results.ts";
import { type Published, publish, update, type Updated } from "./run-method.ts";

export interface DeltaBenchOptions {
  readonly pairs: readonly PairName[];
  /** Ids; the yardstick always runs along. */
  readonly methods: readonly string[];
  readonly rounds: number;
  /** What publishers make stays there, and is taken as it is by the next run: for work on clients. */
  readonly keep: boolean;
  readonly say: (line: string) => void;
}

interface Player {
  readonly method: Method;
  readonly place: Place;
  readonly published: Published;
  /** In the first one memory is sampled. */
  readonly updates: Updated[];
}

/** Measures, and keeps the figures after each pair. */
export async function benchDelta(options: DeltaBenchOptions): Promise<Results> {
  const wanted = methods.filter(({ id }) => id === yardstick || options.methods.includes(id));
  const tools = await ensureTools([...new Set(wanted.flatMap(({ programs }) => programs))], { say: options.say });
  for (const line of describeMissing(tools.missing)) options.say(line);
  const usable = wanted.filter(({ programs }) => !tools.missing.some(({ program }) => programs.includes(program)));
  for (const name of options.pairs) {
    const pair = await imagePair(name, { say: options.say });
    const measured = await benchPair(pair, usable, (program) => tools.path(program), options);
    // Another bench may have measured another pair meanwhile.
    await writeResults(withPair(await readResults(), machine(), measured));
  }
  return readResults();
}

async function benchPair(
  pair: ImagePair,
  usable: readonly Method[],
  tool: Place["tool"],
  { rounds, keep, say }: DeltaBenchOptions,
): Promise<PairResult> {
  const folder = join(benchFolder, "delta", pair.name);
  if (!keep) await rm(folder, { recursive: true, force: true });
  const players: Player[] = [];
  const failures = new Map<string, string>();
  try {
    for (const method of usable) {
      const at = join(folder, method.id);
      const [served, client] = [join(at, "served"), join(at, "client")];
      const place: Place = { older: pair.older.path, newer: pair.newer.path, served, client, tool };
      try {
        const published = await publishOnce(method, place, join(at, "published.json"));
        const first = await update(method, place, true);
        players.push({ method, place, published, updates: [first] });
        say(`${pair.name}, ${method.title}: ${megabytes(first.bytes)} in ${first.requests} requests; ${shown(first)}`);
      } catch (error) {
        // One that fails does not take the others' figures with it.
        say(`${pair.name}, ${method.title}: ${(error as Error).message}`);
        failures.set(method.id, (error as Error).message);
      }
    }
    for (let round = 2; round <= rounds; round++)
      for (const { method, place, updates } of players) {
        const run = await update(method, place, false);
        updates.push(run);
        say(`${pair.name}, round ${round}, ${method.title}: ${shown(run)}`);
      }
  } finally {
    if (!keep) await rm(folder, { recursive: true, force: true });
  }
  const base = players.find(({ method }) => method.id === yardstick);
  if (base === undefined) throw new Error(`Cannot measure without the yardstick: ${failures.get(yardstick)}`);
  const { changed, all } = changedPackages(pair);
  return {
    name: pair.name,
    older: factsOf(pair.older),
    newer: factsOf(pair.newer),
    changedPackages: changed,
    packages: all,
    builtAt: pair.newer.builtAt,
    methods: players.map((player) => resultOf(player, base)),
  };
}

/** What was published for other images, or not to its end, is made anew. */
async function publishOnce(method: Method, place: Place, note: string): Promise<Published> {
  const of = [place.older, place.newer].join(" ");
  const text = await readFile(note, "utf8").catch(() => "{}");
  const before = JSON.parse(text) as { readonly of?: string; readonly published?: Published };
  if (before.of === of && before.published !== undefined) return before.published;
  const folder = dirname(note);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const published = await publish(method, place);
  await writeFile(note, JSON.stringify({ of, published }));
  return published;
}

function shown({ cpuSeconds, wallSeconds }: Updated): string {
  return `${cpuSeconds.toFixed(1)} s CPU, ${wallSeconds.toFixed(1)} s`;
}

function resultOf({ method, published, updates }: Player, base: Player): MethodResult {
  const [first] = updates;
  return {
    id: method.id,
    title: method.title,
    measuredAt: new Date().toISOString(),
    published,
    bytes: first?.bytes ?? Number.NaN,
    requests: first?.requests ?? Number.NaN,
    memory: first?.memory,
    steps: (first?.steps ?? []).map(({ title }, index) => ({
      title,
      seconds: median(updates.map(({ steps }) => steps[index]?.seconds ?? Number.NaN)),
    })),
    rounds: updates.map(
      ({ cpuSeconds, wallSeconds }, index): Round => ({
        cpuSeconds,
        wallSeconds,
        yardstickCpuSeconds: base.updates[index]?.cpuSeconds ?? Number.NaN,
        yardstickWallSeconds: base.updates[index]?.wallSeconds ?? Number.NaN,
      }),
    ),
  };
}

function factsOf({ sizeBytes, contentBytes, sha256 }: ImagePair["older"]): PairResult["older"] {
  return { sizeBytes, contentBytes, sha256 };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
