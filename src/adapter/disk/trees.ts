// Whole trees of a target of type `subvolume` or `directory` (interfaces D.1): btrfs subvolumes where there are some.
import { mkdir, rmdir, stat, statfs, utimes } from "node:fs/promises";
import { Fault } from "../../base/fault.ts";
import type { MachinePath } from "../../port/disk.ts";
import type { Process } from "../../port/process.ts";
import { orFault } from "./errno.ts";

/** BTRFS_SUPER_MAGIC and BTRFS_FIRST_FREE_OBJECTID of linux/magic.h and linux/btrfs_tree.h. */
const btrfsMagic = 0x9123683e;
const subvolumeInode = 256;

async function onBtrfs(host: string): Promise<boolean> {
  return (await statfs(host)).type === btrfsMagic;
}

async function isSubvolume(host: string): Promise<boolean> {
  const found = await stat(host);
  return found.isDirectory() && found.ino === subvolumeInode && (await onBtrfs(host));
}

async function run(process: Process, doing: string, program: string, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await process.run(program, args);
  if (exitCode === 0) return;
  const denied = /not permitted|Permission denied/.test(stderr);
  throw new Fault(
    denied ? "no-permission" : "io-error",
    `Cannot ${doing}: ${program} says ${stderr.trim().slice(0, 500)}`,
  );
}

/** `parent` is the host path of the folder that `host` is to be in. */
export async function makeSubvolume(process: Process, parent: string, host: string, path: MachinePath): Promise<void> {
  const doing = `make the subvolume ${path}`;
  const exists = await stat(host).then(
    () => true,
    () => false,
  );
  if (!exists && (await orFault(doing, onBtrfs(parent))))
    await run(process, doing, "btrfs", ["subvolume", "create", host]);
  else await orFault(doing, mkdir(host, 0o755));
}

export async function removeSubvolume(process: Process, host: string, path: MachinePath): Promise<void> {
  const doing = `remove the subvolume ${path}`;
  if (await orFault(doing, isSubvolume(host)))
    await run(process, doing, "btrfs", ["subvolume", "delete", "--commit-after", host]);
  else await orFault(doing, rmdir(host));
}

/** The read-only property of a subvolume, the immutable flag of any other folder or file. */
export async function setReadOnly(process: Process, host: string, path: MachinePath, readOnly: boolean): Promise<void> {
  const doing = `mark ${path} ${readOnly ? "read-only" : "writable"}`;
  if (await orFault(doing, isSubvolume(host)))
    await run(process, doing, "btrfs", ["property", "set", "-ts", host, "ro", String(readOnly)]);
  else if (readOnly || (await isImmutable(host)))
    await run(process, doing, "chattr", [readOnly ? "+i" : "-i", "--", host]);
}

/** Nothing of an immutable file or folder can be changed, its time neither, by root neither. */
async function isImmutable(host: string): Promise<boolean> {
  const { atime, mtime } = await stat(host);
  return utimes(host, atime, mtime).then(
    () => false,
    () => true,
  );
}
