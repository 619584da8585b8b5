// One machine as it is before it is switched on, and what becomes of it: a table of these is what the boots test.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Start } from "../../src/sim/boot/boot-once.ts";
import { writeBootEntries } from "../../tools/lab/machine/boot-entries.ts";
import { makeDisk, smallLayout } from "../../tools/lab/machine/disk.ts";
import { Machine } from "../../tools/lab/machine/machine.ts";
import type { MachineParts } from "../../tools/lab/machine/parts.ts";
import { writeLoaderVariable } from "../../tools/lab/machine/variable-store.ts";
import type { Damage } from "./damage.ts";
import type { BootRelease } from "./releases.ts";

/** A version's entry, whole or damaged; `starts` is what the model is told of a damage that it cannot see. */
export type EntryContent = string | { readonly version: string; readonly damage: Damage; readonly starts?: Start };

/** `flipped`: one byte of its superblock; `noise`: inside, the superblock is whole. */
export type ImageState = "whole" | "empty" | "flipped" | "cut" | "noise";

/** What a version does in place of coming up: in the initrd, or later. */
export type Deed = "hang" | "panic" | "late-hang" | "late-panic";

export interface BootCase {
  readonly name: string;
  /** Part of `npm test`. */
  readonly quick?: true;
  /** Names in EFI/Linux. */
  readonly entries: Readonly<Record<string, EntryContent>>;
  /** By version; what is not named is not there. */
  readonly images: Readonly<Record<string, ImageState>>;
  /** 257 unless told. */
  readonly loader?: 257 | 262;
  /** The loader twice, each with an entry of the firmware's. */
  readonly twoLoaders?: true;
  readonly loaderConf?: string;
  /** Other files of the ESP. */
  readonly files?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly does?: Readonly<Record<string, Deed>>;
  readonly watchdog?: true;
  /** So many starts are enough to see that it never ends. */
  readonly most?: number;
  /** What does not end by then hangs: for cases whose end is just that. */
  readonly secondsMax?: number;
  /** `up VERSION`, `page`, `hangs`, `for ever`: it starts again and again. */
  readonly outcome: string;
  /** Names in EFI/Linux afterwards. */
  readonly after: readonly string[];
}

/** Starts of a machine, unless a case tells. */
export const startsMax = 5;

export interface Scene {
  readonly parts: MachineParts;
  /** Of systemd-boot. */
  readonly loaders: Readonly<Record<257 | 262, string>>;
  readonly releases: Readonly<Record<string, BootRelease>>;
}

/** The machine, switched off, in a folder of its own. */
export async function machineOf(scene: Scene, boot: BootCase, folder: string): Promise<Machine> {
  const system = join(folder, "system");
  await mkdir(join(system, "system"), { recursive: true });
  for (const [version, state] of Object.entries(boot.images)) {
    const image = damagedImage(await readFile(releaseOf(scene, version).path("kde", "usr")), state);
    await writeFile(join(system, `system/os_${version}.erofs`), image);
  }
  const files = new Map([["EFI/BOOT/BOOTX64.EFI", scene.loaders[boot.loader ?? 257]]]);
  if (boot.twoLoaders === true) files.set("EFI/systemd/systemd-bootx64.efi", scene.loaders[boot.loader ?? 257]);
  const keep = async (path: string, content: string | Uint8Array): Promise<void> => {
    const source = join(folder, `file-${files.size}`);
    await writeFile(source, content);
    files.set(path, source);
  };
  await keep("loader/loader.conf", boot.loaderConf ?? "timeout 0\n");
  for (const [path, text] of Object.entries(boot.files ?? {})) await keep(path, text);
  for (const [name, content] of Object.entries(boot.entries))
    await keep(`EFI/Linux/${name}`, await entryBytes(scene, content));
  const disk = join(folder, "disk");
  await makeDisk(disk, files, system);
  await rm(system, { recursive: true });
  for (const source of files.values()) if (source.startsWith(folder)) await rm(source);
  const { parts } = scene;
  const machine = await Machine.create({ parts, folder, disk, watchdog: boot.watchdog === true });
  if (boot.twoLoaders === true)
    await writeBootEntries(machine.variables, disk, smallLayout.espBytes, [
      { title: "Holdfast", path: "\\EFI\\systemd\\systemd-bootx64.efi" },
      { title: "Holdfast, second copy", path: "\\EFI\\BOOT\\BOOTX64.EFI" },
    ]);
  for (const [name, text] of Object.entries(boot.variables ?? {}))
    await writeLoaderVariable(machine.variables, name, text);
  return machine;
}

export async function entryBytes(scene: Scene, content: EntryContent): Promise<Buffer> {
  const version = typeof content === "string" ? content : content.version;
  const whole = await readFile(releaseOf(scene, version).path("kde", "entry"));
  return typeof content === "string" ? whole : content.damage(whole);
}

function releaseOf({ releases }: Scene, version: string): BootRelease {
  const release = releases[version];
  if (release === undefined) throw new Error(`There is no release ${version}`);
  return release;
}

/** The superblock of erofs begins at 1024. */
function damagedImage(whole: Buffer, state: ImageState): Buffer {
  if (state === "empty") return Buffer.alloc(0);
  if (state === "cut") return whole.subarray(0, whole.length - 65_536);
  const copy = Buffer.from(whole);
  if (state === "flipped") copy.writeUInt8(copy.readUInt8(1024) ^ 1, 1024);
  if (state === "noise") copy.fill(0x5a, 8192, copy.length - 8192);
  return copy;
}
