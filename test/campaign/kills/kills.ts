// The kill campaign (issue 3): Holdfast is killed at random moments, and right before the system calls that change files,
// on ext4 and btrfs; after each kill nothing is broken, and the next plain command finishes the work (P6).
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { SeededRandom } from "../../../src/base/random.ts";
import { FaultServer } from "../../../tools/lab/fault-server.ts";
import { Repository } from "../../../tools/lab/repository.ts";
import { createSigningKey, type SigningKey } from "../../../tools/lab/signing.ts";
import { makeSmallRelease } from "../../../tools/lab/small-release.ts";
import { Scratch } from "../scratch.ts";
import { Course, type Lane, type Verdict } from "./course.ts";
import type { Call, Interruption } from "./interrupt.ts";
import { type FileSystem, fileSystems, whyNotMountable } from "./loop-disk.ts";
import { type Operation, operations, type Releases, type VersionName } from "./operations.ts";
import { type Row, Tally } from "./tally.ts";

export interface CampaignOptions {
  /** On each file system. */
  readonly moments: number;
  /** Kills before system calls on each file system; Infinity: before every one. */
  readonly calls: number;
  readonly seed: number;
  readonly imageBytes: number;
  readonly bytesPerSecond: number;
  /** Default: all. */
  readonly kinds?: readonly FileSystem[];
  readonly say?: (line: string) => void;
}

export interface CampaignReport {
  readonly rows: readonly Row[];
  /** File systems that could not be had, and why. */
  readonly skipped: readonly string[];
}

/** Kills that came too late are made again, this often. */
const triesMax = 8;
const killsALine = 25;

interface Scene {
  readonly folder: string;
  readonly releases: Releases;
  readonly key: SigningKey;
  readonly sources: ReadonlyMap<string, string>;
}

export async function runKills(options: CampaignOptions): Promise<CampaignReport> {
  await using scratch = await Scratch.make("kills");
  const { folder } = scratch;
  await using servers = new AsyncDisposableStack();
  const skipped: string[] = [];
  const kinds: FileSystem[] = [];
  for (const kind of options.kinds ?? fileSystems) {
    const why = await whyNotMountable(kind, folder);
    if (why === undefined) kinds.push(kind);
    else skipped.push(why);
  }
  const scene = await makeScene(folder, options, servers);
  const tasks = sharedOut(options);
  const lanes = kinds.flatMap((kind) => chainsOf(tasks).map((chain) => runLane(kind, chain, scene, options)));
  return { rows: (await Promise.all(lanes)).flat(), skipped };
}

/** Deals a number into equal parts that add up to it. */
class Share {
  #rest: number;
  #parts: number;

  constructor(total: number, parts: number) {
    this.#rest = total;
    this.#parts = parts;
  }

  next(): number {
    if (this.#rest === Number.POSITIVE_INFINITY) return this.#rest;
    const part = Math.ceil(this.#rest / Math.max(1, this.#parts));
    this.#rest -= part;
    this.#parts -= 1;
    return part;
  }
}

async function makeScene(folder: string, options: CampaignOptions, servers: AsyncDisposableStack): Promise<Scene> {
  const { imageBytes, bytesPerSecond } = options;
  const key = await createSigningKey();
  const names: readonly VersionName[] = ["1", "2", "3", "4"];
  const made = names.map(async (version) => {
    const release = { version, imageBytes, index: true, kernelBytes: 1 << 20 };
    return [version, await makeSmallRelease(join(folder, `release-${version}`), release)] as const;
  });
  const releases = Object.fromEntries(await Promise.all(made)) as unknown as Releases;
  const sources = new Map<string, string>();
  for (const { offered } of operations) {
    const id = offered.join("-");
    if (sources.has(id)) continue;
    const repository = await Repository.create(join(folder, `repository-${id}`), { key });
    await repository.publish(...offered.map((version) => releases[version]));
    const server = servers.use(await FaultServer.start(repository.folder, { bytesPerSecond }));
    sources.set(id, server.url);
  }
  return { folder, releases, key, sources };
}

/** How often an operation is to be killed. */
interface Task {
  readonly operation: Operation;
  readonly index: number;
  readonly moments: number;
  readonly calls: number;
}

function sharedOut(options: CampaignOptions): readonly Task[] {
  const moments = new Share(options.moments, operations.length);
  const calls = new Share(options.calls, operations.length);
  return operations.map((operation, index) => ({ operation, index, moments: moments.next(), calls: calls.next() }));
}

/** Two halves that can be done at the same time: what starts after another operation follows it. */
function chainsOf(tasks: readonly Task[]): readonly (readonly Task[])[] {
  const first = tasks.filter(({ index, operation }) => index === 0 || operation.startsAfter !== undefined);
  return [first, tasks.filter((task) => !first.includes(task))];
}

async function runLane(
  kind: FileSystem,
  tasks: readonly Task[],
  scene: Scene,
  options: CampaignOptions,
): Promise<readonly Row[]> {
  const lane: Lane = {
    kind,
    folder: join(scene.folder, `${kind}-${tasks[0]?.index ?? 0}`),
    releases: scene.releases,
    key: scene.key,
    diskBytes: 256 * (1 << 20) + 6 * options.imageBytes,
  };
  await mkdir(lane.folder);
  const rows: Row[] = [];
  const ends = new Map<string, string>();
  for (const task of tasks) {
    const { operation, index } = task;
    const source = scene.sources.get(operation.offered.join("-")) ?? "";
    const after = operation.startsAfter === undefined ? undefined : ends.get(operation.startsAfter);
    const course = await Course.prepare(lane, operation, source, after);
    ends.set(operation.name, course.endImage);
    const random = new SeededRandom(options.seed * 1000 + index * 2 + (kind === "ext4" ? 0 : 1));
    rows.push(await runCourse(course, task, random, options));
  }
  return rows;
}

async function runCourse(course: Course, wanted: Task, random: SeededRandom, { say }: CampaignOptions): Promise<Row> {
  const traced = wanted.calls === 0 ? { places: [], hidden: 0 } : await course.calls();
  const tally = new Tally(course.lane.kind, course.operation.name, course.ms, traced);
  for (const call of wanted.calls < traced.places.length
    ? spread(traced.places, wanted.calls, random)
    : traced.places) {
    const kill: Interruption = { kind: "call", call };
    // Threads share their work a little differently each time: a count may be reached in another run only.
    let verdict: Verdict | undefined;
    for (let tries = 0; verdict === undefined && tries < triesMax; tries++)
      verdict = await attempt(course, kill, random);
    if (verdict === undefined) tally.addUnreached();
    else tally.add(kill, verdict);
    if (tally.kills % killsALine === 0) say?.(tally.progress());
  }
  for (let draws = 0; tally.atMoments < wanted.moments && draws < wanted.moments * triesMax; draws++) {
    const reach = random.next() < 0.5 ? "process" : "group";
    const kill: Interruption = { kind: "moment", afterMs: random.next() * course.ms, reach };
    const verdict = await attempt(course, kill, random);
    if (verdict !== undefined) tally.add(kill, verdict);
    if (tally.kills % killsALine === 0) say?.(tally.progress());
  }
  const row = tally.row();
  say?.([tally.progress(), ...row.failures].join("\n"));
  return row;
}

/** A disk that cannot be let go of afterwards is a finding, too. */
async function attempt(course: Course, kill: Interruption, random: SeededRandom): Promise<Verdict | undefined> {
  try {
    return await course.kill(kill, random.chance(0.5) ? "update first" : "again first");
  } catch (error) {
    return { stage: "between", nextCode: null, problems: [{ kind: "held", text: (error as Error).message }] };
  }
}

/** So many of the places, evenly over each kind of call, the rare kinds first: all of them when there are few enough. */
function spread(places: readonly Call[], count: number, random: SeededRandom): readonly Call[] {
  const chosen: Call[] = [];
  const kinds = [...Map.groupBy(places, ({ name }) => name).values()].toSorted((a, b) => a.length - b.length);
  for (const [index, calls] of kinds.entries()) {
    const part = Math.min(calls.length, Math.floor((count - chosen.length) / (kinds.length - index)));
    const step = calls.length / part;
    const offset = random.next() * step;
    for (let at = 0; at < part; at++) chosen.push(calls[Math.floor(offset + at * step)] as Call);
  }
  return chosen;
}
