// The campaign's power cuts (issue 3): recordings on the host and in a guest, replayed to every flush and to random states
// between, each judged; some of them updated again, on the host and in a guest.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FaultServer } from "../../../tools/lab/fault-server.ts";
import { guestIngredients, NoGuest } from "../../../tools/lab/guest/ingredients.ts";
import { warmUp } from "../../../tools/lab/guest/warm-up.ts";
import { Repository } from "../../../tools/lab/repository.ts";
import { createSigningKey, type SigningKey } from "../../../tools/lab/signing.ts";
import { makeSmallRelease } from "../../../tools/lab/small-release.ts";
import { type FileSystem, fileSystems, whyNotMountable } from "../kills/loop-disk.ts";
import { type Operation, operations, type Releases, type VersionName } from "../kills/operations.ts";
import { type GuestVerdict, runGuestCourse } from "./guest-course.ts";
import {
  type GuestOperation,
  guestOperations,
  type GuestScene,
  recordInGuest,
  updateInGuest,
} from "./guest-recording.ts";
import { runMachineCourse } from "./machine-course.ts";
import type { Row } from "./tally.ts";
import { holdfastUpdater, type Updater } from "./updaters.ts";

export interface PowerCutOptions {
  readonly seed: number;
  /** For each operation of Holdfast on each file system of the host; 0: none. */
  readonly hostStates: number;
  /** For each operation of Holdfast in the guest; 0: none. */
  readonly guestStates: number;
  /** For each of the other updaters, on the host and in the guest. */
  readonly otherStates: number;
  readonly others: readonly Updater[];
  /** Disks, each with another class of ESP, that are updated in a guest, for each of its operations. */
  readonly guestUpdates: number;
  readonly hostOperations?: readonly string[];
  readonly say?: (line: string) => void;
}

export interface GuestUpdate {
  readonly operation: string;
  readonly className: string;
  readonly code: number | undefined;
  readonly problems: readonly string[];
}

export interface PowerCutReport {
  readonly rows: readonly Row[];
  /** What the ESP of Holdfast's recordings looked like, by operation. */
  readonly classes: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly guestUpdates: readonly GuestUpdate[];
  readonly guestSeconds: number | undefined;
  readonly notTried: readonly string[];
}

const hostOperationNames = ["update 1 to 2", "update 2 to 3, 1 goes", "rollback", "repair of an image"];
const imageBytes = 2 << 20;
const kernelBytes = 200_000;

interface Scene {
  readonly folder: string;
  readonly releases: Releases;
  readonly key: SigningKey;
}

/** Needs the part's tools on the path, and root. */
export async function runPowerCuts(options: PowerCutOptions): Promise<PowerCutReport> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-power-cuts-"));
  const rows: Row[] = [];
  const notTried: string[] = [];
  try {
    const names: readonly VersionName[] = ["1", "2", "3", "4"];
    const made = names.map(async (version) => {
      const release = { version, imageBytes, index: true, kernelBytes };
      return [version, await makeSmallRelease(join(folder, `release-${version}`), release)] as const;
    });
    const releases = Object.fromEntries(await Promise.all(made)) as unknown as Releases;
    const scene: Scene = { folder, releases, key: await createSigningKey() };
    if (options.hostStates > 0) await onHost(scene, options, rows, notTried);
    const guest = options.guestStates > 0 ? await inGuest(scene, options, rows, notTried) : undefined;
    const { classes = new Map(), guestUpdates = [], seconds } = guest ?? {};
    return { rows, classes, guestUpdates, guestSeconds: seconds, notTried };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function onHost(scene: Scene, options: PowerCutOptions, rows: Row[], notTried: string[]): Promise<void> {
  const wanted = options.hostOperations ?? hostOperationNames;
  const kinds: FileSystem[] = [];
  for (const kind of fileSystems) {
    const why = await whyNotMountable(kind, scene.folder);
    if (why === undefined) kinds.push(kind);
    else notTried.push(why);
  }
  for (const operation of operations.filter(({ name }) => wanted.includes(name))) {
    const repository = await Repository.create(join(scene.folder, "repository"), { key: scene.key });
    await repository.publish(...operation.offered.map((version) => scene.releases[version]));
    await using server = await FaultServer.start(repository.folder, {});
    const isUpdate = operation.args[0] === "update";
    const updaters = [holdfastUpdater, ...(isUpdate ? options.others : [])];
    for (const kind of kinds)
      for (const updater of updaters) {
        const row = await oneOnHost(scene, options, { kind, operation, updater, source: server.url });
        rows.push(row);
        options.say?.(describeRow(row));
      }
    await rm(repository.folder, { recursive: true });
  }
}

async function oneOnHost(
  { folder, releases, key }: Scene,
  { seed, hostStates, otherStates }: PowerCutOptions,
  facts: {
    readonly kind: FileSystem;
    readonly operation: Operation;
    readonly updater: Updater;
    readonly source: string;
  },
): Promise<Row> {
  const isOurs = facts.updater.name === "holdfast";
  // What a rollback begins with is what an update left: both installed, the newer one first.
  const { startsAfter: _, ...operation } = facts.operation;
  const installed = facts.operation.name === "rollback" ? (["1", "2"] as const) : operation.installed;
  return runMachineCourse({
    ...facts,
    operation: {
      ...operation,
      installed,
    },
    releases,
    key,
    seed,
    finishes: isOurs,
    folder: join(folder, `${facts.kind}-${facts.updater.name}`),
    states: isOurs ? hostStates : otherStates,
  });
}

interface GuestPart {
  readonly classes: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly guestUpdates: readonly GuestUpdate[];
  readonly seconds: number;
}

async function inGuest(
  scene: Scene,
  options: PowerCutOptions,
  rows: Row[],
  notTried: string[],
): Promise<GuestPart | undefined> {
  const ingredients = await guestIngredients(options.say).catch((error: unknown) => {
    if (error instanceof NoGuest) return error;
    throw error;
  });
  if (ingredients instanceof NoGuest) {
    notTried.push(`a guest with a FAT ESP: ${ingredients.message}`);
    return undefined;
  }
  const folder = join(scene.folder, "guest");
  await mkdir(folder);
  const guest: GuestScene = { ...scene, folder, ingredients };
  await warmUp(folder, scene.key, scene.releases["1"], scene.releases["2"]);
  const chosen = guestOperations.filter(({ updater }) => updater === "Holdfast" || options.otherStates > 0);
  const { recordings, seconds } = await recordInGuest(guest, chosen);
  options.say?.(`recorded in a guest: ${seconds.toFixed(0)} s`);
  const classes = new Map<string, ReadonlyMap<string, number>>();
  const guestUpdates: GuestUpdate[] = [];
  for (const recording of recordings) {
    const isOurs = recording.operation.updater === "Holdfast";
    const states = isOurs ? options.guestStates : options.otherStates;
    const keep = isOurs && options.guestUpdates > 0 ? { keep: { folder, most: options.guestUpdates } } : {};
    const verdict = await runGuestCourse({ scene: guest, recording, states, seed: options.seed, ...keep });
    rows.push(verdict.row);
    options.say?.(describeRow(verdict.row));
    if (isOurs) classes.set(recording.operation.name, verdict.classes);
    if (verdict.kept.length > 0) guestUpdates.push(...(await updateKept(guest, recording.operation, verdict)));
  }
  return { classes, guestUpdates, seconds };
}

async function updateKept(
  scene: GuestScene,
  operation: GuestOperation,
  { kept }: GuestVerdict,
): Promise<readonly GuestUpdate[]> {
  const updates = await updateInGuest(scene, operation, kept);
  return updates.map(({ code, problems }, index) => {
    const className = kept[index]?.className ?? "";
    return { operation: operation.name, className, code, problems };
  });
}

function describeRow({ updater, fileSystem, operation, states, trees, nextRuns, wrong }: Row): string {
  const counts = Object.entries(wrong).filter(([, count]) => count > 0);
  const what = counts.length === 0 ? "nothing wrong" : counts.map(([kind, count]) => `${kind} ${count}`).join(", ");
  return `${updater}, ${fileSystem}, ${operation}: ${states} states, ${trees} trees, ${nextRuns} next runs, ${what}`;
}
