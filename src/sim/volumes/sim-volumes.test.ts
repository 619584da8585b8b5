import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUuid } from "../../base/ids.ts";
import { SeededRandom } from "../../base/random.ts";
import type { PartitionTable } from "../../format/partition-table.ts";
import { CallGate, SimCrash } from "../call-gate.ts";
import { crashChoices } from "../crash-choices.ts";
import { Content } from "../disk/content.ts";
import { DiskTree } from "../disk/disk-tree.ts";
import { SimDisk } from "../disk/sim-disk.ts";
import { FaultPlan } from "../fault-plan.ts";
import { BlockDevices } from "./block-devices.ts";
import { SimVolumes } from "./sim-volumes.ts";

const uuid = (digit: string): ReturnType<typeof parseUuid> => parseUuid(digit.repeat(32));
const slot = (number: number): PartitionTable["partitions"][number] => ({
  number,
  startSector: 2048 * number,
  sizeSectors: 2048,
  type: uuid("a"),
  uuid: uuid(String(number)),
  label: "_empty",
  attributes: 0n,
});
const table: PartitionTable = {
  device: "/dev/simdisk",
  labelId: uuid("f"),
  sectorSizeBytes: 512,
  partitions: [slot(1), slot(2)],
};
const image = Content.pattern(9, 500_000);

function world(gate: CallGate = new CallGate()): { devices: BlockDevices; tree: DiskTree; volumes: SimVolumes } {
  const devices = new BlockDevices();
  devices.add(table);
  const tree = DiskTree.make([
    { mountPoint: "/", type: "ext4", sizeBytes: 1e8 },
    { mountPoint: "/efi", type: "vfat", sizeBytes: 1e7 },
  ]);
  return { devices, tree, volumes: new SimVolumes({ tree, devices, gate }) };
}

test("a partition is a file of its size: written, flushed, read from the medium, and never longer", async () => {
  const { volumes, devices } = world();
  assert.equal(await volumes.rootDisk(), "/dev/simdisk");
  await using file = await volumes.openPartition("/dev/simdisk", 2, "modify");
  assert.equal(await file.size(), 1_048_576);
  await file.write(0, image.bytes());
  await assert.rejects(file.write(1_048_570, new Uint8Array(7)), { code: "no-space" });
  await assert.rejects(file.truncate(5), { code: "io-error" });
  await file.sync();
  assert.ok(devices.content("/dev/simdisk", 2, "medium")?.slice(0, 500_000).equals(image));
  devices.corrupt("/dev/simdisk", 2, 100);
  const byte = new Uint8Array(1);
  await using fromMedium = await volumes.openPartition("/dev/simdisk", 2, "medium");
  await fromMedium.read(100, byte);
  assert.equal(byte[0], (image.slice(100, 101).bytes()[0] ?? 0) ^ 0xff);
  await assert.rejects(volumes.openPartition("/dev/simdisk", 3, "read"), { code: "io-error" });
  await assert.rejects(volumes.readTable("/dev/none"), { code: "not-a-block-device" });
});

test("bytes of a partition not flushed may be old, part, zero or whole after a crash", async () => {
  const { volumes, devices } = world();
  devices.plant("/dev/simdisk", 1, Content.pattern(4, 500_000));
  await using file = await volumes.openPartition("/dev/simdisk", 1, "modify");
  await file.write(0, image.bytes());
  const states = [...crashChoices(devices.crashDimensions(), 100, new SeededRandom(1))].map((picks) =>
    devices.afterCrash(picks).key(),
  );
  assert.equal(new Set(states).size, 4);
  await file.sync();
  assert.deepEqual(devices.crashDimensions(), []);
});

test("a table change is old or new when the power goes in the middle of it", async () => {
  const gate = new CallGate();
  const { volumes, devices } = world(gate);
  gate.beforeCall = (call): void => {
    if (call.name === "changeTable.half") throw new SimCrash(call);
  };
  await assert.rejects(volumes.changeTable("/dev/simdisk", [{ number: 2, label: "os_2" }]), SimCrash);
  const labels = [...crashChoices(devices.crashDimensions(), 9, new SeededRandom(1))].map(
    (picks) => devices.afterCrash(picks).table("/dev/simdisk")?.partitions[1]?.label,
  );
  assert.deepEqual(labels, ["_empty", "os_2"]);
});

test("a table change is seen at once, and one of a partition that is not there changes nothing", async () => {
  const { volumes, devices } = world();
  await volumes.changeTable("/dev/simdisk", [{ number: 2, label: "os_2", attributes: 1n << 60n }]);
  assert.equal((await volumes.readTable("/dev/simdisk")).partitions[1]?.label, "os_2");
  assert.deepEqual(devices.crashDimensions(), []);
  await assert.rejects(volumes.changeTable("/dev/simdisk", [{ number: 9, label: "x" }]), {
    code: "partition-bad-change",
  });
});

test("a failed flush of a partition drops data for good", async () => {
  const gate = new CallGate(new FaultPlan([{ port: "volumes", name: "sync", code: "io-error" }]));
  const { volumes, devices } = world(gate);
  await using file = await volumes.openPartition("/dev/simdisk", 1, "modify");
  await file.write(0, image.bytes());
  await assert.rejects(file.sync(), { code: "io-error" });
  await file.sync();
  assert.ok(devices.content("/dev/simdisk", 1, "medium")?.equals(Content.zeros(1_048_576)));
});

test("a FAT volume is dirty after a crash, busy while a file is open, and clean after repair", async () => {
  const before = world();
  before.tree.plant("/efi/a", image);
  const { devices, tree, volumes } = { ...before, tree: before.tree.afterCrash([]), volumes: before.volumes };
  assert.deepEqual(await volumes.health(await new SimDisk(before.tree).fileSystem("/efi")), { kind: "clean" });
  const disk = new SimDisk(tree);
  const after = new SimVolumes({ tree, devices, gate: new CallGate() });
  const esp = await disk.fileSystem("/efi");
  assert.deepEqual(await after.health(esp), { kind: "dirty", findings: ["the dirty flag is set"] });
  const file = await disk.open("/efi/a", "read");
  await assert.rejects(after.repair(esp), { code: "volume-busy" });
  await file[Symbol.asyncDispose]();
  assert.deepEqual(await after.repair(esp), { kind: "clean" });
  assert.equal((await after.health(await disk.fileSystem("/"))).kind, "unknown");
});
