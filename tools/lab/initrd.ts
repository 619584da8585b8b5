// A small initrd that boots for real: it starts the image its command line names, and reboots when that is missing (P8).
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { constants, zstdCompressSync } from "node:zlib";
import { writeCpio, type CpioEntry } from "../../src/format/cpio-writer.ts";

/** In the order they are loaded: each after those it needs. */
const modules = ["lib/libcrc32c", "drivers/block/virtio_blk", "drivers/block/loop", "fs/erofs/erofs"];

const init = `#!/bin/busybox sh
# Mounts the image that holdfast.image= names from the first disk that has it, and starts what is inside.
export PATH=/bin
busybox mount -t devtmpfs dev /dev
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
for module in /modules/*; do busybox insmod "$module"; done
for word in $(busybox cat /proc/cmdline); do
  case $word in holdfast.image=*) image=\${word#*=} ;; esac
done
for try in 1 2 3 4 5 6 7 8 9 10; do
  for disk in /dev/vd[a-z]* /dev/sd[a-z]*; do
    busybox mount -t ext4 -o ro "$disk" /system 2>/dev/null || continue
    if [ -f "/system$image" ] && busybox mount -t erofs -o ro,loop "/system$image" /root; then
      echo "lab: starting $image from $disk"
      exec busybox switch_root /root /sbin/init
    fi
    busybox umount /system
  done
  busybox sleep 0.5
done
echo "lab: no disk has $image: rebooting, so that the loader can fall back"
busybox reboot -f
`;

/** zstd-compressed; `busybox` is a static one, `moduleFolder` the kernel's folder below /usr/lib/modules. */
export async function makeInitrd(busybox: string, moduleFolder: string): Promise<Uint8Array> {
  const folders = ["bin", "dev", "proc", "sys", "modules", "system", "root"];
  const entries: CpioEntry[] = folders.map((path) => ({ kind: "folder", path }));
  entries.push({ kind: "file", path: "bin/busybox", bytes: await readFile(busybox), executable: true });
  entries.push({ kind: "file", path: "init", bytes: Buffer.from(init), executable: true });
  for (const [index, name] of modules.entries()) {
    const path = `modules/${index}-${name.slice(name.lastIndexOf("/") + 1)}.ko`;
    const bytes = await readModule(busybox, join(moduleFolder, "kernel"), name);
    entries.push({ kind: "file", path, bytes });
  }
  return zstdCompressSync(writeCpio(entries), { params: { [constants.ZSTD_c_compressionLevel]: 9 } });
}

/** Kernels come with their modules plain or compressed; ours are small enough to be stored plain. */
export async function readModule(busybox: string, kernelFolder: string, name: string): Promise<Uint8Array> {
  const folder = join(kernelFolder, name, "..");
  const stem = `${name.slice(name.lastIndexOf("/") + 1)}.ko`;
  const file = (await readdir(folder)).find((entry) => entry === stem || entry === `${stem}.xz`);
  if (file === undefined) throw new Error(`The kernel has no module ${name}`);
  const path = join(folder, file);
  if (file === stem) return readFile(path);
  const { stdout } = await promisify(execFile)(busybox, ["xzcat", path], { encoding: "buffer", maxBuffer: 1 << 26 });
  return stdout;
}
