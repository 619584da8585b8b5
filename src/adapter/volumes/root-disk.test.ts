import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { rootDisk } from "./root-disk.ts";

interface Device {
  readonly id: string;
  /** Below `/sys/devices`. */
  readonly path: string;
  readonly on?: readonly string[];
}

/** Two disks; verity over two partitions of the first, encryption over verity, a RAID over both disks. */
const devices: readonly Device[] = [
  { id: "8:0", path: "sda" },
  { id: "8:2", path: "sda/sda2" },
  { id: "8:3", path: "sda/sda3" },
  { id: "259:0", path: "nvme0n1" },
  { id: "254:0", path: "dm-0", on: ["sda/sda2", "sda/sda3"] },
  { id: "254:1", path: "dm-1", on: ["dm-0"] },
  { id: "9:0", path: "md0", on: ["sda/sda2", "nvme0n1"] },
];

/** `mounts`: mount point, `MAJOR:MINOR`, type and source. */
async function found(...mounts: readonly (readonly [string, string, string, string])[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-sys-"));
  try {
    const sys = join(folder, "sys");
    await mkdir(join(sys, "dev/block"), { recursive: true });
    for (const { id, path, on = [] } of devices) {
      const own = join(sys, "devices", path);
      await mkdir(join(own, "slaves"), { recursive: true });
      await writeFile(join(own, "dev"), `${id}\n`);
      if (path.includes("/")) await writeFile(join(own, "partition"), "1\n");
      await symlink(own, join(sys, "dev/block", id));
      for (const below of on)
        await symlink(join(sys, "devices", below), join(own, "slaves", below.replaceAll("/", "-")));
    }
    const mountInfo = join(folder, "mountinfo");
    const lines = mounts.map(([point, id, type, source]) => `1 0 ${id} / ${point} rw - ${type} ${source} rw\n`);
    await writeFile(mountInfo, lines.join(""));
    return await rootDisk("/", { mountInfo, sys });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("a root on a partition, on verity over two partitions of a disk, and on layers of these", async () => {
  assert.equal(await found(["/", "8:2", "ext4", "x"]), "/dev/sda");
  assert.equal(await found(["/", "254:0", "erofs", "x"]), "/dev/sda");
  assert.equal(await found(["/", "254:1", "erofs", "x"]), "/dev/sda");
  assert.equal(await found(["/", "259:0", "ext4", "x"]), "/dev/nvme0n1");
});

test("/usr tells where the root is made anew at every boot, the root where /usr is an overlay", async () => {
  assert.equal(await found(["/", "0:30", "tmpfs", "tmpfs"], ["/usr", "254:0", "erofs", "x"]), "/dev/sda");
  assert.equal(await found(["/", "8:2", "ext4", "x"], ["/usr", "0:40", "overlay", "overlay"]), "/dev/sda");
});

test("several disks, or none, are named as what they are", async () => {
  assert.equal(await found(["/", "9:0", "ext4", "x"]), "Cannot tell the disk of /: it is on several disks");
  assert.equal(await found(["/", "0:30", "tmpfs", "tmpfs"]), "Cannot tell the disk of /: tmpfs is on no block device");
  assert.equal(await found(), "Cannot tell the disk of /: the kernel lists no mounts");
});
