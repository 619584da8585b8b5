// Disks that a power cut leaves of an update, a removal and a rollback in a guest, one for each class of ESP: to be booted
// (P6, scenario 4). Recorded with the kernel's vfat and ext4, replayed as the campaign does.
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { guestIngredients } from "../../tools/lab/guest/ingredients.ts";
import { machineDisk } from "../../tools/lab/guest/machine-disk.ts";
import { warmUp } from "../../tools/lab/guest/warm-up.ts";
import { writeChunkIndex } from "../../tools/lab/chunk-index.ts";
import { describeFile, type LabRelease, publishedName } from "../../tools/lab/release.ts";
import { createSigningKey } from "../../tools/lab/signing.ts";
import { SeededRandom } from "../../src/base/random.ts";
import { chooseCuts, epochsOf } from "../campaign/power-cuts/cuts.ts";
import { judgeEsp } from "../campaign/power-cuts/esp-judge.ts";
import {
  guestOperations,
  type GuestRecording,
  type GuestScene,
  recordInGuest,
} from "../campaign/power-cuts/guest-recording.ts";
import { copySparse, Replay } from "../campaign/power-cuts/replay.ts";
import { readWriteLog } from "../campaign/power-cuts/write-log.ts";
import type { Scene } from "./boot-case.ts";
import type { BootRelease } from "./releases.ts";

export interface CutState {
  readonly operation: string;
  /** Names on the ESP and what each leads to. */
  readonly className: string;
  readonly how: string;
  /** How many of the replayed states are of this class. */
  readonly count: number;
  /** A copy of the disk. */
  readonly image: string;
  /** What the loader starts first, by the model; its version. */
  readonly predicted: string | undefined;
  readonly bootable: readonly string[];
}

export interface CutOptions {
  readonly folder: string;
  /** Replayed of each operation. */
  readonly states: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** Records all operations of Holdfast in one start of a guest, and keeps the first disk of each class. */
export async function cutStates(scene: Scene, { folder, states, seed, say }: CutOptions): Promise<readonly CutState[]> {
  const ingredients = await guestIngredients(say);
  const key = await createSigningKey();
  const third = await labRelease(scene.releases["3"], folder);
  const releases = {
    "1": await labRelease(scene.releases["1"], folder),
    "2": await labRelease(scene.releases["2"], folder),
    "3": third,
    // Nothing that is recorded offers it.
    "4": third,
  };
  const loader = scene.loaders[257];
  const prepare = async (root: string): Promise<void> => {
    const target = join(root, "efi/EFI/BOOT/BOOTX64.EFI");
    await mkdir(dirname(target), { recursive: true });
    await copyFile(loader, target);
    await writeFile(join(root, "efi/loader/loader.conf"), "timeout 0\n");
  };
  await warmUp(folder, key, releases["1"], releases["2"]);
  const guest: GuestScene = { folder, ingredients, releases, key, prepare };
  const ours = guestOperations.filter(({ updater }) => updater === "Holdfast");
  const { recordings, seconds } = await recordInGuest(guest, ours);
  say(`recorded in a guest: ${seconds.toFixed(0)} s`);
  const found: CutState[] = [];
  for (const recording of recordings) found.push(...(await classesOf(guest, recording, { folder, states, seed, say })));
  return found;
}

async function labRelease(release: BootRelease | undefined, folder: string): Promise<LabRelease> {
  if (release === undefined) throw new Error("A release is missing");
  const { name, version } = release;
  const index = join(folder, publishedName(name, version, "index"));
  await writeFile(index, writeChunkIndex(await readFile(release.path("kde", "usr"))));
  const paths = { index, image: release.path("kde", "usr"), entry: release.path("kde", "entry") };
  const roles = ["index", "image", "entry"] as const;
  const files = roles.map(async (role) => describeFile(role, publishedName(name, version, role), paths[role]));
  return { name, version, files: await Promise.all(files) };
}

/** FAT tears at a sector, ext4 at a block. */
const pieceBytes = (offset: number): number => (offset < machineDisk.root.offset ? 512 : 4096);

async function classesOf(
  guest: GuestScene,
  { operation, base, log }: GuestRecording,
  { folder, states, seed, say }: CutOptions,
): Promise<readonly CutState[]> {
  const epochs = await epochsOf(log, await readWriteLog(log, machineDisk.bytes), pieceBytes);
  const cuts = chooseCuts(epochs, states, new SeededRandom(seed));
  const scratch = join(folder, "look");
  const state = join(folder, "state");
  await mkdir(scratch, { recursive: true });
  const found = new Map<string, CutState>();
  await using replay = await Replay.open(base, log, epochs);
  for (const cut of cuts) {
    await replay.make(cut, state);
    // The images beside the ESP are not looked at: they do not change what the loader sees.
    const view = await judgeEsp(state, machineDisk.esp.offset, scratch, Object.values(guest.releases), scratch);
    const before = found.get(view.className);
    if (before !== undefined) {
      found.set(view.className, { ...before, count: before.count + 1 });
      continue;
    }
    const image = join(folder, `${operation.id}-${found.size}`);
    await copySparse(state, image);
    const { className, bootable, next } = view;
    const predicted = /_(\d+)/.exec(next?.fileName ?? "")?.[1];
    found.set(className, { operation: operation.name, className, how: cut.how, count: 1, image, predicted, bootable });
  }
  await rm(scratch, { recursive: true });
  await rm(state);
  say(`${operation.name}: ${cuts.length} states, ${found.size} classes of ESP`);
  return [...found.values()];
}
