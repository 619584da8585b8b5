// The disk that holds the machine's own file system, for targets with `Path=auto` (interfaces D.1).
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { Fault } from "../../base/fault.ts";
import { deviceNumber } from "../disk/device-size.ts";
import { mountOf, parseMounts } from "../disk/mounts.ts";

/** Encryption on verity on RAID: deeper is no machine that boots. */
const layersMax = 8;

function unknown(root: string, state: string): Fault<"not-a-block-device"> {
  return new Fault("not-a-block-device", `Cannot tell the disk of ${root}: ${state}`, {
    hint: "Name the disk in the definition (Path=) instead of `auto`.",
  });
}

/** Where the kernel tells about mounts and devices. */
export interface KernelFiles {
  readonly mountInfo: string;
  readonly sys: string;
}

const running: KernelFiles = { mountInfo: "/proc/self/mountinfo", sys: "/sys" };

/** Whole disks below a device. Verity has its data and its hashes on two partitions, of one disk as a rule. */
async function disksBelow(root: string, sys: string, id: string, layer: number): Promise<ReadonlySet<string>> {
  if (layer > layersMax) throw unknown(root, "too many layers of devices");
  const folder = await realpath(`${sys}/dev/block/${id}`).catch(() => undefined);
  if (folder === undefined) throw unknown(root, `the kernel knows no block device ${id}`);
  const below = await readdir(`${folder}/slaves`).catch(() => []);
  if (below.length === 0) {
    const isPartition = (await stat(`${folder}/partition`).catch(() => undefined)) !== undefined;
    return new Set([basename(isPartition ? dirname(folder) : folder).replaceAll("!", "/")]);
  }
  const disks = new Set<string>();
  for (const name of below) {
    const next = (await readFile(`${folder}/slaves/${name}/dev`, "latin1")).trim();
    for (const disk of await disksBelow(root, sys, next, layer + 1)) disks.add(disk);
  }
  return disks;
}

async function diskOf(root: string, path: string, { mountInfo, sys }: KernelFiles): Promise<string> {
  const mount = mountOf(parseMounts(await readFile(mountInfo, "utf8")), path);
  if (mount === undefined) throw unknown(root, "the kernel lists no mounts");
  // btrfs gives its mounts made-up numbers; the device it names has the real ones.
  const source = mount.source.startsWith("/dev/") ? await stat(mount.source).catch(() => undefined) : undefined;
  if (source === undefined && mount.id.startsWith("0:")) throw unknown(root, `${mount.type} is on no block device`);
  const id = source?.isBlockDevice() === true ? deviceNumber(source.rdev) : mount.id;
  const [disk, ...others] = await disksBelow(root, sys, id, 1);
  if (disk === undefined || others.length > 0) throw unknown(root, "it is on several disks");
  return `/dev/${disk}`;
}

/**
 * As systemd-sysupdate does, /usr is asked before the root, which may be a tmpfs with the OS in /usr alone; the root
 * where /usr says nothing, as below the overlay of a system extension. Fault `not-a-block-device` when it is on no
 * disk, or on several.
 */
export async function rootDisk(root: string, kernel: KernelFiles = running): Promise<string> {
  try {
    return await diskOf(root, root === "/" ? "/usr" : `${root}/usr`, kernel);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return diskOf(root, root, kernel);
  }
}
