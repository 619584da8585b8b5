// The initrd of guests that run Holdfast: loads drivers, mounts the disk of programs as the root, unpacks the job, starts it.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { constants, zstdCompressSync } from "node:zlib";
import { type CpioEntry, writeCpio } from "../../../src/format/cpio-writer.ts";

/** In the order they are loaded: each after those it needs. `nls_*` are those that vfat uses unless told otherwise. */
const modules = [
  "drivers/block/virtio_blk",
  "fs/nls/nls_cp437",
  "fs/nls/nls_ascii",
  "fs/fat/fat",
  "fs/fat/vfat",
  "fs/efivarfs/efivarfs",
];

/** Disks are told apart by the serial numbers that `runGuest` gives them. */
const init = `#!/bin/busybox sh
export PATH=/bin
b=/bin/busybox
$b mount -t devtmpfs dev /dev
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
# QEMU starts this kernel itself; what is tried here goes on as if firmware had.
[ -d /sys/firmware/efi ] || { $b mount -t tmpfs firmware /sys/firmware && $b mkdir /sys/firmware/efi; }
for module in /modules/*; do $b insmod "$module"; done
disk() { for d in /sys/block/vd*; do [ "$($b cat "$d/serial")" = "$1" ] && echo "/dev/\${d##*/}"; done; }
try=0
until [ -n "$(disk programs)" ] || [ $try = 50 ]; do try=$((try + 1)); $b sleep 0.1; done
$b mount -t ext4 -o ro "$(disk programs)" /system || { echo "guest: no programs"; $b poweroff -f; }
$b mount -t tmpfs -o mode=1777 tmp /system/tmp
$b mount -t tmpfs -o mode=755 run /system/run
$b mount -t tmpfs -o mode=755 holdfast /system/opt/holdfast
$b tar -x -C /system/opt/holdfast -f "$(disk job)" || { echo "guest: no job"; $b poweroff -f; }
$b mount --move /dev /system/dev
$b mount --move /proc /system/proc
$b mount --move /sys /system/sys
exec $b switch_root /system /usr/bin/busybox sh -c 'cd /; sh /opt/holdfast/job/main.sh; poweroff -f'
`;

/** zstd-compressed; `busybox` is a static one, `moduleFolder` the kernel's folder below /usr/lib/modules. */
export async function makeGuestInitrd(busybox: string, moduleFolder: string): Promise<Uint8Array> {
  const entries: CpioEntry[] = ["bin", "dev", "proc", "sys", "modules", "system"].map((path) => ({
    kind: "folder",
    path,
  }));
  entries.push({ kind: "file", path: "bin/busybox", bytes: await readFile(busybox), executable: true });
  entries.push({ kind: "link", path: "bin/sh", target: "busybox" });
  entries.push({ kind: "file", path: "init", bytes: Buffer.from(init), executable: true });
  for (const [index, name] of modules.entries()) {
    const stem = name.slice(name.lastIndexOf("/") + 1);
    const bytes = await readModule(busybox, join(moduleFolder, "kernel", name));
    entries.push({ kind: "file", path: `modules/${index}-${stem}.ko`, bytes });
  }
  return zstdCompressSync(writeCpio(entries), { params: { [constants.ZSTD_c_compressionLevel]: 9 } });
}

async function readModule(busybox: string, path: string): Promise<Uint8Array> {
  const stem = path.slice(path.lastIndexOf("/") + 1);
  const file = (await readdir(join(path, ".."))).find((entry) => entry === `${stem}.ko` || entry === `${stem}.ko.xz`);
  if (file === undefined) throw new Error(`The kernel has no module ${stem}`);
  const found = join(path, "..", file);
  if (!file.endsWith(".xz")) return readFile(found);
  return (await promisify(execFile)(busybox, ["xzcat", found], { encoding: "buffer", maxBuffer: 1 << 26 })).stdout;
}
