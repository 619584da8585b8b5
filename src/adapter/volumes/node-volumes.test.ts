import assert from "node:assert/strict";
import { mkdtemp, open, readFile, realpath, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { parseUuid } from "../../base/ids.ts";
import type { FileSystem } from "../../port/disk.ts";
import { volumesContract } from "../../port/volumes.contract.ts";
import { nodeProcess } from "../process/node-process.ts";
import { parseMounts } from "../disk/mounts.ts";
import { complaintOf, damageWhileMounted, dirtyFlag, mountedAgainWith } from "./fat.ts";
import { nodeVolumes } from "./node-volumes.ts";

const host = nodeProcess({ root: "/" });
const mebi = 1024 * 1024;
const typeRoot = parseUuid("4f68bce3-e8cd-4db1-96e7-fbcaf984b709");

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "holdfast-volumes-")));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a tool, or skips the test with the reason. */
async function tool(context: TestContext, program: string, args: readonly string[], stdin = ""): Promise<boolean> {
  const result = await host
    .run(program, args, { stdin })
    .catch((error: Error) => ({ exitCode: -1, stderr: error.message }));
  if (result.exitCode !== 0) context.skip(`${program} does not do that here: ${result.stderr.trim()}`);
  return result.exitCode === 0;
}

async function partitioned(file: string, sectorSize: number): Promise<void> {
  await writeFile(file, "");
  await truncate(file, 32 * mebi);
  const option = sectorSize === 512 ? [] : [`--sector-size=${sectorSize}`];
  const stdin = `label: gpt\nsize=4MiB, type=uefi, name="esp"\nsize=8MiB, type=${typeRoot}, name="os_1"\nsize=8MiB, type=${typeRoot}, name="_empty"\n`;
  const made = await host.run("sfdisk", ["--quiet", ...option, file], { stdin });
  assert.equal(made.exitCode, 0, made.stderr);
}

/** A suite cannot skip what it cannot make, so it is registered only where sfdisk is. */
const hasSfdisk = await host.run("sfdisk", ["--version"]).then(
  () => true,
  () => false,
);
if (!hasSfdisk) test("partition tables", { skip: "sfdisk is not installed" }, () => undefined);

for (const sectorSize of hasSfdisk ? [512, 4096] : []) {
  volumesContract(`nodeVolumes with sectors of ${sectorSize} bytes`, async () => {
    const root = await realpath(await mkdtemp(join(tmpdir(), "holdfast-volumes-")));
    await partitioned(join(root, "disk"), sectorSize);
    await writeFile(join(root, "blank"), Buffer.alloc(mebi));
    return {
      volumes: nodeVolumes({ root, process: host }),
      device: "/disk",
      blank: "/blank",
      done: () => rm(root, { recursive: true, force: true }),
    };
  });

  test(`an image says itself that its sectors have ${sectorSize} bytes`, async () => {
    await withFolder(async (root) => {
      await partitioned(join(root, "disk"), sectorSize);
      assert.equal((await nodeVolumes({ root, process: host }).readTable("/disk")).sectorSizeBytes, sectorSize);
    });
  });
}

test("on a loop device the table is changed while a partition's neighbour is open", async (context) => {
  await withFolder(async (root) => {
    const disk = join(root, "disk");
    if (!(await tool(context, "sfdisk", ["--version"]))) return;
    await partitioned(disk, 512);
    const made = await host.run("losetup", ["--find", "--show", disk]);
    if (made.exitCode !== 0) {
      context.skip(`no loop device here: ${made.stderr.trim()}`);
      return;
    }
    const device = made.stdout.trim();
    try {
      // Even with a root, below /dev it is the host's.
      const volumes = nodeVolumes({ root, process: host });
      await using open = await volumes.openPartition(device, 2, "read");
      await volumes.changeTable(device, [{ number: 3, label: "os_2" }]);
      assert.equal((await volumes.readTable(device)).partitions[2]?.label, "os_2");
      assert.equal(await open.size(), 8 * mebi);
    } finally {
      await host.run("losetup", ["--detach", device]);
    }
  });
});

test("what is no disk and what has no table have their names", async (context) => {
  await withFolder(async (root) => {
    await writeFile(join(root, "empty"), Buffer.alloc(mebi));
    const volumes = nodeVolumes({ root, process: host });
    if (!(await tool(context, "sfdisk", ["--version"]))) return;
    await assert.rejects(volumes.readTable("/empty"), { code: "no-partition-table" });
    await assert.rejects(volumes.readTable("/none"), { code: "not-a-block-device" });
    await assert.rejects(volumes.readTable("/"), { code: "not-a-block-device" });
    await assert.rejects(volumes.readTable("/dev/null"), { code: "not-a-block-device" });
  });
});

const fat = (device: string): FileSystem => ({
  id: "0:1",
  type: "vfat",
  mountPoint: "/efi",
  device,
  totalBytes: 0,
  availableBytes: 0,
  blockBytes: 512,
  readOnly: false,
});

for (const [bits, sizeMebi, flagAt] of [
  [12, 1, 0x25],
  [16, 16, 0x25],
  [32, 40, 0x41],
] as const) {
  test(`the dirty flag of FAT${bits} is seen, and taken away by a repair`, async (context) => {
    await withFolder(async (root) => {
      const image = join(root, "esp");
      await writeFile(image, "");
      await truncate(image, sizeMebi * mebi);
      if (!(await tool(context, "mkfs.fat", ["-F", String(bits), "-s", "1", image]))) return;
      const volumes = nodeVolumes({ root, process: host });
      assert.deepEqual(await volumes.health(fat("/esp")), { kind: "clean" });
      const handle = await open(image, "r+");
      await handle.write(Buffer.from([1]), 0, 1, flagAt);
      await handle.close();
      assert.equal(dirtyFlag(await readFile(image)), true);
      const seen = await volumes.health(fat("/esp"));
      assert.ok(seen.kind === "dirty" && seen.findings.some((finding) => /dirty/i.test(finding)), JSON.stringify(seen));
      assert.deepEqual(await volumes.repair(fat("/esp")), { kind: "clean" });
      assert.equal(dirtyFlag(await readFile(image)), false);
    });
  });
}

for (const flagAt of [0x41, 6 * 512 + 0x41, 6 * 512 + 3]) {
  test(`a copy of the boot sector that differs in byte ${flagAt} is no damage, and stops nothing`, async (context) => {
    await withFolder(async (root) => {
      const image = join(root, "esp");
      await writeFile(image, "");
      await truncate(image, 40 * mebi);
      if (!(await tool(context, "mkfs.fat", ["-F", "32", "-s", "1", image]))) return;
      const handle = await open(image, "r+");
      await handle.write(Buffer.from([1]), 0, 1, flagAt);
      await handle.close();
      const volumes = nodeVolumes({ root, process: host });
      const seen = await volumes.health(fat("/esp"));
      assert.ok(!JSON.stringify(seen).includes("differences"), JSON.stringify(seen));
      assert.deepEqual(await volumes.repair(fat("/esp")), { kind: "clean" });
    });
  });
}

test("two names on one chain of clusters are a finding", async (context) => {
  await withFolder(async (root) => {
    const image = join(root, "esp");
    await writeFile(image, "");
    await truncate(image, mebi);
    await writeFile(join(root, "a"), Buffer.alloc(9000, 7));
    if (!(await tool(context, "mkfs.fat", ["-F", "12", "-s", "1", image]))) return;
    if (!(await tool(context, "mcopy", ["-i", image, join(root, "a"), "::A.EFI"]))) return;
    // The entry of the file a second time, under another name.
    const bytes = await readFile(image);
    const at = bytes.indexOf("A       EFI", 0, "latin1");
    bytes.copy(bytes, at + 32, at, at + 32);
    bytes.write("B", at + 32, "latin1");
    await writeFile(image, bytes);
    const volumes = nodeVolumes({ root, process: host });
    const seen = await volumes.health(fat("/esp"));
    assert.ok(
      seen.kind === "dirty" && seen.findings.some((finding) => /share|cluster/i.test(finding)),
      JSON.stringify(seen),
    );
    assert.deepEqual(await volumes.repair(fat("/esp")), { kind: "clean" });
  });
});

test("a mounted volume has its flag set and its count of free clusters behind: neither is damage", () => {
  const usual = [
    "Dirty bit is set. Fs was not properly unmounted and some data may be corrupt.",
    "Free cluster summary wrong (76542 vs. really 76642)",
    "  Auto-correcting.",
  ];
  const shared = "/B.EFI and /A.EFI share clusters.";
  assert.deepEqual(damageWhileMounted(usual), []);
  assert.deepEqual(damageWhileMounted([...usual, shared]), [shared]);
});

test("what is not FAT, or has no device, is unknown and says why; garbage is never clean", async () => {
  await withFolder(async (root) => {
    await writeFile(join(root, "esp"), Buffer.alloc(mebi));
    const volumes = nodeVolumes({ root, process: host });
    assert.deepEqual(await volumes.health({ ...fat("/esp"), type: "ext4" }), {
      kind: "unknown",
      why: "ext4 is not FAT",
    });
    const { device: _, ...without } = fat("/esp");
    assert.equal((await volumes.health({ ...without, device: undefined })).kind, "unknown");
    assert.notEqual((await volumes.health(fat("/esp"))).kind, "clean");
    assert.equal(dirtyFlag(new Uint8Array(512)), undefined);
  });
});

test("the disk of the running system is found, or the reason why not is named", async () => {
  const volumes = nodeVolumes({ root: "/", process: host });
  const found = await volumes.rootDisk().catch((error: unknown) => error);
  if (typeof found === "string") assert.match(found, /^\/dev\/[^/]/);
  else assert.match(String(found), /Cannot tell the disk of \//);
});

test("the kernel's complaint counts until the volume has been checked", () => {
  const dirty = (name: string): string =>
    `[    5.1] FAT-fs (${name}): Volume was not properly unmounted. Please run fsck.`;
  const checked = "[   60.0] holdfast: FAT-fs (vda1): checked";
  assert.equal(complaintOf([], "vda1"), undefined);
  assert.equal(complaintOf([dirty("vdb1")], "vda1"), undefined);
  assert.equal(complaintOf([dirty("vda1")], "vda1"), dirty("vda1"));
  assert.equal(complaintOf([dirty("vda1"), checked], "vda1"), undefined);
  assert.equal(complaintOf([dirty("vda1"), checked, dirty("vda1")], "vda1"), dirty("vda1"));
  assert.equal(complaintOf([dirty("vdb1"), checked], "vdb1"), dirty("vdb1"));
});

test("a volume that the kernel turned read-only is mounted writable again; one that was meant to be read-only is not", () => {
  const again = (own: string, whole: string): string | undefined => {
    const [mount] = parseMounts(`36 35 254:1 / /efi ${own} shared:1 - vfat /dev/vda1 ${whole}\n`);
    return mount && mountedAgainWith(mount).join(",");
  };
  const rest = "fmask=0077,errors=remount-ro";
  assert.equal(again("rw,relatime", `rw,${rest}`), `rw,relatime,${rest}`);
  assert.equal(again("rw,relatime", `ro,${rest}`), `rw,relatime,${rest}`);
  assert.equal(again("ro,relatime", `ro,${rest}`), `ro,relatime,${rest}`);
  assert.equal(again("ro,relatime", `rw,${rest}`), `ro,relatime,${rest}`);
});
