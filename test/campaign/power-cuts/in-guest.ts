// Power cuts on the disk of a guest, FAT and ext4 together: recorded in one start, judged on the host, some updated again
// in a guest.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { guestIngredients } from "../../../tools/lab/guest/ingredients.ts";
import { NoGuest } from "../../../tools/lab/machine/parts.ts";
import { warmUp } from "../../../tools/lab/guest/warm-up.ts";
import { allOf } from "../faults/all-of.ts";
import { type GuestVerdict, runGuestCourse } from "./guest-course.ts";
import {
  type GuestOperation,
  guestOperations,
  type GuestScene,
  recordInGuest,
  updateInGuest,
} from "./guest-recording.ts";
import { type PowerCutOptions, rowLine, type Scene } from "./scene.ts";
import type { Row } from "./tally.ts";

export interface GuestUpdate {
  readonly operation: string;
  readonly className: string;
  readonly code: number | undefined;
  readonly problems: readonly string[];
}

export interface GuestPart {
  readonly rows: readonly Row[];
  /** What the ESP of Holdfast's recordings looked like, by operation: how often each class was seen. */
  readonly classes: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly guestUpdates: readonly GuestUpdate[];
  /** How long the guest that was recorded ran. */
  readonly seconds: number;
}

const coursesAtOnce = 2;

/** `undefined` where there can be no guest; `notTried` then says why. */
export async function cutInGuest(
  scene: Scene,
  options: PowerCutOptions,
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
  const verdicts = await allOf(recordings, coursesAtOnce, async (recording) => {
    const isOurs = recording.operation.updater === "Holdfast";
    const states = isOurs ? options.guestStates : options.otherStates;
    const keep = isOurs && options.guestUpdates > 0 ? { keep: { folder, most: options.guestUpdates } } : {};
    const verdict = await runGuestCourse({ scene: guest, recording, states, seed: options.seed, ...keep });
    options.say?.(rowLine(verdict.row));
    return { operation: recording.operation, verdict };
  });
  const guestUpdates: GuestUpdate[] = [];
  for (const { operation, verdict } of verdicts) {
    if (verdict.kept.length === 0) continue;
    guestUpdates.push(...(await updateKept(guest, operation, verdict)));
    options.say?.(`${verdict.kept.length} disks of ${operation.name} updated in a guest`);
  }
  const ours = verdicts.filter(({ operation }) => operation.updater === "Holdfast");
  const classes = new Map(ours.map(({ operation, verdict }) => [operation.name, verdict.classes]));
  return { rows: verdicts.map(({ verdict }) => verdict.row), classes, guestUpdates, seconds };
}

async function updateKept(
  scene: GuestScene,
  operation: GuestOperation,
  { kept }: GuestVerdict,
): Promise<readonly GuestUpdate[]> {
  const updates = await updateInGuest(scene, operation, kept);
  for (const { image } of kept) await rm(image);
  return updates.map(({ code, problems }, index) => {
    const className = kept[index]?.className ?? "";
    return { operation: operation.name, className, code, problems };
  });
}
