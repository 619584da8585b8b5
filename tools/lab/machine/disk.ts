// The disk of a machine in KDE Linux's layout, made without loop devices: a partition table, an ESP in FAT, and an ext4
// file system with `system/`, each from a folder.
import { execFile, spawn } from "node:child_process";
import { rm, truncate, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { EspImage } from "./esp-image.ts";

const run = promisify(execFile);
const MiB = 1 << 20;

export interface DiskLayout {
  readonly espBytes: number;
  readonly systemBytes: number;
}

/** An ESP of FAT32 with room for a few kernels, and a system that holds small images. */
export const smallLayout: DiskLayout = { espBytes: 128 * MiB, systemBytes: 64 * MiB };

export const espOffset: number = MiB;

/** `files` of the ESP by path; `system` is a folder whose content becomes the second partition's. */
export async function makeDisk(
  image: string,
  files: ReadonlyMap<string, string>,
  system: string,
  layout: DiskLayout = smallLayout,
): Promise<void> {
  const part = `${image}.part`;
  try {
    await blank(image, 2 * MiB + layout.espBytes + layout.systemBytes);
    await partition(image, layout);
    await blank(part, layout.espBytes);
    await run("mkfs.fat", ["-F", "32", "-s", "1", "-n", "ESP", part]);
    await copyInto(part, image, espOffset);
    await blank(part, layout.systemBytes);
    await run("mkfs.ext4", ["-q", "-m", "0", "-d", system, part]);
    await copyInto(part, image, espOffset + layout.espBytes);
  } finally {
    await rm(part, { force: true });
  }
  const esp = new EspImage(image, espOffset);
  for (const [path, source] of files) await esp.copyIn(source, path);
}

async function blank(path: string, bytes: number): Promise<void> {
  await rm(path, { force: true });
  await writeFile(path, "");
  await truncate(path, bytes);
}

async function partition(image: string, { espBytes, systemBytes }: DiskLayout): Promise<void> {
  const lines = [
    "label: gpt",
    `start=1MiB, size=${espBytes / MiB}MiB, type=uefi, name="esp"`,
    `size=${systemBytes / MiB}MiB, type=linux, name="holdfast-system"`,
    "",
  ];
  const child = spawn("sfdisk", ["--quiet", image], { stdio: ["pipe", "ignore", "pipe"] });
  child.stdin.end(lines.join("\n"));
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`sfdisk ended with ${String(code)}`);
}

/** Holes stay holes: what is zero there is not written. */
async function copyInto(part: string, image: string, offset: number): Promise<void> {
  await run("dd", [`if=${part}`, `of=${image}`, "bs=1M", `seek=${offset / MiB}`, "conv=notrunc,sparse", "status=none"]);
}
