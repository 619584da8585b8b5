// The disk of a guest's machine: a partition table, an ESP in FAT, and an ext4 file system from a folder. No loop device.
import { execFile, spawn } from "node:child_process";
import { readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const MiB = 1 << 20;

interface Extent {
  readonly offset: number;
  readonly bytes: number;
}

/** Where the partitions are; the first is the ESP. Large enough for FAT32 with clusters of 4 KiB. */
export const machineDisk: { readonly bytes: number; readonly esp: Extent; readonly root: Extent } = {
  bytes: 400 * MiB,
  esp: { offset: MiB, bytes: 264 * MiB },
  root: { offset: 265 * MiB, bytes: 134 * MiB },
};

/** `efi` below `root` becomes the first partition, and goes; the rest the second. Needs the toolbox on the path. */
export async function makeMachineDisk(image: string, root: string): Promise<void> {
  const esp = `${image}.esp`;
  const system = `${image}.root`;
  try {
    await blank(esp, machineDisk.esp.bytes);
    await run("mkfs.fat", ["-F", "32", "-s", "8", "-n", "ESP", esp]);
    await fillFat(esp, join(root, "efi"));
    await rm(join(root, "efi"), { recursive: true });
    await blank(system, machineDisk.root.bytes);
    await run("mkfs.ext4", ["-q", "-m", "0", "-d", root, system]);
    await blank(image, machineDisk.bytes);
    await partition(image);
    await copyInto(esp, image, machineDisk.esp.offset);
    await copyInto(system, image, machineDisk.root.offset);
  } finally {
    await rm(esp, { force: true });
    await rm(system, { force: true });
  }
}

async function blank(path: string, bytes: number): Promise<void> {
  await writeFile(path, "");
  await truncate(path, bytes);
}

async function fillFat(image: string, folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => [entry, relative(folder, join(entry.parentPath, entry.name))] as const);
  const folders = paths.filter(([entry]) => entry.isDirectory()).map(([, path]) => path);
  if (folders.length > 0) await run("mmd", ["-i", image, ...folders.toSorted().map((path) => `::/${path}`)]);
  for (const [entry, path] of paths)
    if (entry.isFile()) await run("mcopy", ["-i", image, join(folder, path), `::/${path}`]);
}

async function partition(image: string): Promise<void> {
  const sector = 512;
  const line = ({ offset, bytes }: Extent, type: string, name: string): string =>
    `start=${offset / sector}, size=${bytes / sector}, type=${type}, name="${name}"`;
  // The labels by which the reference OS finds them.
  const lines = [line(machineDisk.esp, "uefi", "esp"), line(machineDisk.root, "linux", "holdfast-system")];
  const script = ["label: gpt", ...lines, ""].join("\n");
  const child = spawn("sfdisk", ["--quiet", image], { stdio: ["pipe", "ignore", "pipe"] });
  child.stdin.end(script);
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`sfdisk ended with ${String(code)}`);
}

/** Holes stay holes: what is zero there is not written. */
async function copyInto(part: string, image: string, offset: number): Promise<void> {
  await run("dd", [`if=${part}`, `of=${image}`, "bs=1M", `seek=${offset / MiB}`, "conv=notrunc,sparse", "status=none"]);
}
