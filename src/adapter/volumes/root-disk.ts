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

/** Fault `not-a-block-device` when it is on no disk, or on several. */
export async function rootDisk(root: string): Promise<string> {
  const mount = mountOf(parseMounts(await readFile("/proc/self/mountinfo", "utf8")), root);
  if (mount === undefined) throw unknown(root, "the kernel lists no mounts");
  // btrfs gives its mounts made-up numbers; the device it names has the real ones.
  const source = mount.source.startsWith("/dev/") ? await stat(mount.source).catch(() => undefined) : undefined;
  let id = source?.isBlockDevice() === true ? deviceNumber(source.rdev) : mount.id;
  for (let layer = 0; layer < layersMax; layer += 1) {
    const folder = await realpath(`/sys/dev/block/${id}`).catch(() => undefined);
    if (folder === undefined) throw unknown(root, `${mount.type} is on no block device`);
    const below = await readdir(`${folder}/slaves`).catch(() => []);
    if (below.length > 1) throw unknown(root, "it is on several devices");
    const [only] = below;
    if (only !== undefined) {
      id = (await readFile(`${folder}/slaves/${only}/dev`, "latin1")).trim();
      continue;
    }
    const isPartition = (await stat(`${folder}/partition`).catch(() => undefined)) !== undefined;
    return `/dev/${basename(isPartition ? dirname(folder) : folder).replaceAll("!", "/")}`;
  }
  throw unknown(root, "too many layers of devices");
}
