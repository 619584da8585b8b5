import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUuid } from "../../base/ids.ts";
import { formatLoadOption, parseLoadOption } from "../../format/efi-load-option.ts";
import { SimWorld } from "../../sim/machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import type { BootFolder } from "../observe/boot-folders.ts";
import type { Session } from "../session.ts";
import { listCopies, listedPaths } from "./firmware-list.ts";

const uuid = parseUuid("6".repeat(32));
const paths = ["EFI/systemd/systemd-bootx64.efi", "EFI/BOOT/BOOTX64.EFI"];

function machine(device: string): { readonly session: Session; readonly world: SimWorld; readonly esp: BootFolder } {
  const partition = { number: 1, startSector: 2048, sizeSectors: 4096, type: uuid, uuid, label: "esp", attributes: 0n };
  const world = new SimWorld({
    seed: 1,
    fileSystems: [
      { mountPoint: "/", type: "ext4", sizeBytes: 1e8 },
      { mountPoint: "/efi", type: "vfat", sizeBytes: 1e7 },
    ],
    tables: [{ device: "/dev/nvme0n1", labelId: "f".repeat(8), sectorSizeBytes: 512, partitions: [partition] }],
  });
  world.variables.set("LoaderDevicePartUUID", uuid.toUpperCase());
  const esp = { where: "esp", path: "/efi", fileSystem: { device } } as unknown as BootFolder;
  return { session: sessionOn(world).session, world, esp };
}

test("a copy that is missing gets its place right after the other one, before what else is there", async () => {
  const { session, world, esp } = machine("/dev/nvme0n1p1");
  const partition = { uuid, number: 1, startSector: 2048, sizeSectors: 4096 };
  const named = { description: "systemd-boot", active: true, partition, path: "\\EFI\\SYSTEMD\\systemd-bootx64.efi" };
  await session.machine.loader.writeBootList("Boot0004", formatLoadOption(named));
  world.variables.set("BootOrder", "040007000900");
  assert.equal(await listCopies(session, esp, paths), undefined);
  assert.equal(world.variables.get("BootOrder"), "0400000007000900");
});

test("each copy gets an option of its own, behind what is there, and once", async () => {
  const { session, world, esp } = machine("/dev/nvme0n1p1");
  world.variables.set("BootOrder", "0100");
  world.variables.set("Boot0000", "00");
  world.variables.set("Boot0001", "00");
  for (let run = 0; run < 2; run++) {
    assert.equal(await listCopies(session, esp, paths), undefined);
    assert.equal(world.variables.get("BootOrder"), "010002000300");
  }
  const option = parseLoadOption((await session.machine.loader.readBootList("Boot0002")) ?? new Uint8Array());
  assert.deepEqual(option, {
    description: "Linux (systemd-bootx64.efi)",
    active: true,
    partition: { uuid, number: 1, startSector: 2048, sizeSectors: 4096 },
    path: "\\EFI\\systemd\\systemd-bootx64.efi",
  });
  assert.deepEqual([...(await listedPaths(session))].toSorted(), [
    "\\efi\\boot\\bootx64.efi",
    "\\efi\\systemd\\systemd-bootx64.efi",
  ]);
});

test("an option of another disk, or one that is switched off, is none of this ESP's", async () => {
  const { session } = machine("/dev/nvme0n1p1");
  const partition = { uuid, number: 1, startSector: 2048, sizeSectors: 4096 };
  const options = [
    { description: "a", active: false, partition, path: "\\a.efi" },
    { description: "b", active: true, partition: { ...partition, uuid: parseUuid("7".repeat(32)) }, path: "\\b.efi" },
    { description: "c", active: true, partition, path: "\\c.efi" },
  ];
  for (const [at, option] of options.entries())
    await session.machine.loader.writeBootList(`Boot000${at}`, formatLoadOption(option));
  await session.machine.loader.writeBootList("BootOrder", Uint8Array.of(0, 0, 1, 0, 2, 0, 9, 0));
  assert.deepEqual([...(await listedPaths(session))], ["\\c.efi"]);
});

test("where the disk cannot be told, or the machine has no variables, it says so and changes nothing", async () => {
  const { session, world, esp } = machine("overlay");
  assert.match((await listCopies(session, esp, paths)) ?? "", /its disk cannot be told/);
  assert.equal(world.variables.get("BootOrder"), undefined);
});
