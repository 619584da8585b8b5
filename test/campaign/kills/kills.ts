// The kill campaign (issue 3): Holdfast is killed at random moments, and right before the system calls that change files,
// on ext4 and btrfs; after each kill nothing is broken, and the next plain command finishes the work (P6).
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "../../../src/base/random.ts";
import { FaultServer } from "../../../tools/lab/fault-server.ts";
import { Repository } from "../../../tools/lab/repository.ts";
import { createSigningKey, type SigningKey } from "../../../tools/lab/signing.ts";
import { makeSmallRelease } from "../../../tools/lab/small-release.ts";
import { Course, type Lane, type Stage, stages, type Verdict } from "./course.ts";
import type { Call, Interruption } from "./interrupt.ts";
import { type FileSystem, fileSystems, whyNotMountable } from "./loop-disk.ts";
import { type Operation, operations, type Releases, type VersionName } from "./operations.ts";

export interface CampaignOptions {
  /** In all; half of them before system calls where strace is there. */
  readonly kills: number;
  readonly seed: number;
  readonly imageBytes: number;
  readonly bytesPerSecond: number;
  /** Without it, all kills come at random moments. */
  readonly strace: boolean;
  /** Default: all. */
  readonly kinds?: readonly FileSystem[];
  readonly say?: (line: string) => void;
}

export interface Row {
  readonly fileSystem: FileSystem;
  readonly operation: string;
  /** Undisturbed. */
  readonly ms: number;
  readonly atMoments: number;
  readonly beforeCalls: number;
  /** Places before a system call that there are. */
  readonly callPlaces: number;
  /** Kills by the fifth of the operation's time in which they came; those before calls count under none. */
  readonly fifths: readonly number[];
  readonly stages: Readonly<Record<Stage, number>>;
  /** Kills by what they came right before. */
  readonly calls: Readonly<Record<string, number>>;
  /** The next command had nothing left to do. */
  readonly nothingLeft: number;
  readonly failures: readonly string[];
}

export interface CampaignReport {
  readonly rows: readonly Row[];
  /** File systems that could not be had, and why. */
  readonly skipped: readonly string[];
}

/** Kills that came too late are drawn again, this often. */
const drawsMax = 8;

interface Scene {
  readonly folder: string;
  readonly releases: Releases;
  readonly key: SigningKey;
  readonly sources: ReadonlyMap<string, string>;
}

export async function runKills(options: CampaignOptions): Promise<CampaignReport> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-kills-"));
  await using servers = new AsyncDisposableStack();
  servers.defer(async () => rm(folder, { recursive: true, force: true }));
  const skipped: string[] = [];
  const kinds: FileSystem[] = [];
  for (const kind of options.kinds ?? fileSystems) {
    const why = await whyNotMountable(kind, folder);
    if (why === undefined) kinds.push(kind);
    else skipped.push(why);
  }
  const scene = await makeScene(folder, options, servers);
  const share = new Share(options.kills, kinds.length * operations.length);
  const quotas = new Map(kinds.map((kind) => [kind, operations.map(() => share.next())]));
  const rows = await Promise.all(kinds.map(async (kind) => runLane(kind, scene, options, quotas.get(kind) ?? [])));
  return { rows: rows.flat(), skipped };
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

async function runLane(
  kind: FileSystem,
  scene: Scene,
  options: CampaignOptions,
  quotas: readonly number[],
): Promise<readonly Row[]> {
  const lane: Lane = {
    kind,
    folder: join(scene.folder, kind),
    releases: scene.releases,
    key: scene.key,
    diskBytes: 256 * (1 << 20) + 6 * options.imageBytes,
  };
  await mkdir(lane.folder);
  const rows: Row[] = [];
  const ends = new Map<string, string>();
  for (const [index, operation] of operations.entries()) {
    const source = scene.sources.get(operation.offered.join("-")) ?? "";
    const after = operation.startsAfter === undefined ? undefined : ends.get(operation.startsAfter);
    const course = await Course.prepare(lane, operation, source, after);
    ends.set(operation.name, course.endImage);
    const random = new SeededRandom(options.seed * 1000 + index * 2 + (kind === "ext4" ? 0 : 1));
    rows.push(await runCourse(course, quotas[index] ?? 0, random, options));
  }
  return rows;
}

async function runCourse(
  course: Course,
  quota: number,
  random: SeededRandom,
  { strace, say }: CampaignOptions,
): Promise<Row> {
  const places = strace ? await course.calls() : [];
  const tally = new Tally(course.lane.kind, course.operation, course.ms, places.length);
  for (const call of spread(places, Math.floor(quota / 2), random)) {
    const verdict = await attempt(course, { kind: "call", call });
    // Threads share their work a little differently each time: the last count of a call may not be reached.
    if (verdict !== undefined) tally.add({ kind: "call", call }, verdict);
  }
  for (let draws = 0; tally.kills < quota && draws < quota * drawsMax; draws++) {
    const reach = random.next() < 0.5 ? "process" : "group";
    const kill: Interruption = { kind: "moment", afterMs: random.next() * course.ms, reach };
    const verdict = await attempt(course, kill);
    if (verdict !== undefined) tally.add(kill, verdict);
  }
  const row = tally.row();
  const { failures } = row;
  say?.(
    [`${row.fileSystem}, ${row.operation}: ${tally.kills} kills, ${failures.length} failures`, ...failures].join("\n"),
  );
  return row;
}

/** A disk that cannot be let go of afterwards is a finding, too. */
async function attempt(course: Course, kill: Interruption): Promise<Verdict | undefined> {
  try {
    return await course.kill(kill);
  } catch (error) {
    return { stage: "between", nextCode: null, problems: [(error as Error).message] };
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

class Tally {
  readonly #fileSystem: FileSystem;
  readonly #operation: Operation;
  readonly #ms: number;
  readonly #callPlaces: number;
  readonly #fifths = [0, 0, 0, 0, 0];
  readonly #stages: Record<Stage, number> = Object.fromEntries(stages.map((stage) => [stage, 0])) as never;
  readonly #calls: Record<string, number> = {};
  readonly #failures: string[] = [];
  #atMoments = 0;
  #beforeCalls = 0;
  #nothingLeft = 0;

  constructor(fileSystem: FileSystem, operation: Operation, ms: number, callPlaces: number) {
    this.#fileSystem = fileSystem;
    this.#operation = operation;
    this.#ms = ms;
    this.#callPlaces = callPlaces;
  }

  get kills(): number {
    return this.#atMoments + this.#beforeCalls;
  }

  add(kill: Interruption, { stage, nextCode, problems }: Verdict): void {
    this.#stages[stage] += 1;
    if (nextCode === 3) this.#nothingLeft += 1;
    if (kill.kind === "call") {
      this.#beforeCalls += 1;
      this.#calls[kill.call.name] = (this.#calls[kill.call.name] ?? 0) + 1;
    } else {
      this.#atMoments += 1;
      const fifth = Math.min(4, Math.floor((kill.afterMs / this.#ms) * 5));
      this.#fifths[fifth] = (this.#fifths[fifth] ?? 0) + 1;
    }
    if (problems.length > 0) this.#failures.push(`${this.#where(kill)}, ${stage}:\n  ${problems.join("\n  ")}`);
  }

  row(): Row {
    return {
      fileSystem: this.#fileSystem,
      operation: this.#operation.name,
      ms: Math.round(this.#ms),
      atMoments: this.#atMoments,
      beforeCalls: this.#beforeCalls,
      callPlaces: this.#callPlaces,
      fifths: this.#fifths,
      stages: this.#stages,
      calls: this.#calls,
      nothingLeft: this.#nothingLeft,
      failures: this.#failures,
    };
  }

  #where(kill: Interruption): string {
    const what =
      kill.kind === "call"
        ? `killed before ${kill.call.name} number ${kill.call.number}`
        : `killed after ${Math.round(kill.afterMs)} ms (${kill.reach})`;
    return `${this.#fileSystem}, ${this.#operation.name}, ${what}`;
  }
}
