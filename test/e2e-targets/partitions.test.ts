// Targets of type partition: A/B slots on image files and loop devices, with every setting of sysupdate.d(5) for them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { doctorMachine } from "../../src/agent/command/doctor.ts";
import { pinVersion } from "../../src/agent/command/pins.ts";
import { rollbackMachine } from "../../src/agent/command/rollback.ts";
import { bless, image, installed, rootTransfer, twoSlots, verity, verityTransfer, withDisk } from "./ab.ts";
import { genericType, mebi, rootType, type Slot, verityType } from "./disks.ts";
import { uki, ukiTransfer } from "./parts.ts";
import { noise } from "./world.ts";

for (const options of [
  { sectorSize: 512, loop: false, whole: true },
  { sectorSize: 4096, loop: false, whole: false },
  { sectorSize: 512, loop: true, whole: false },
  { sectorSize: 4096, loop: true, whole: true },
] as const) {
  const where = `${options.loop ? "a loop device" : "an image file"} with sectors of ${options.sectorSize} bytes`;
  test(`root, verity and entry ${options.whole ? "alternate between two slots" : "go into empty slots"} on ${where}`, async (context) => {
    const slots: Slot[] = [
      { label: "data", type: genericType, mebibytes: 1 },
      { label: "_empty" },
      { label: "_empty", type: verityType, mebibytes: 1 },
      { label: "_empty" },
      { label: "_empty", type: verityType, mebibytes: 1 },
    ];
    await withDisk(context, slots, options, async (world, disk) => {
      await world.define("50-root.transfer", rootTransfer(world, disk));
      await world.define("60-verity.transfer", verityTransfer(world, disk));
      await world.define("90-uki.transfer", ukiTransfer(world));
      const before = await disk.bytes(1, mebi);

      await world.publish({ "os_1.img": image("1"), "os_1.verity": verity("1"), "os_1.efi": uki("1") });
      const first = await world.update();
      assert.deepEqual([first.outcome, first.to, first.bootsNext], ["done", "1", "1"]);
      assert.deepEqual(await disk.labels(), ["1 data", "2 os_1", "3 os_1_verity", "4 _empty", "5 _empty"]);
      assert.ok((await disk.bytes(2, mebi + 12_345)).equals(image("1")));
      assert.ok((await disk.bytes(3, 70_000)).equals(verity("1")));
      assert.deepEqual(await world.list("/efi/EFI/Linux"), ["os_1+3-0.efi"]);
      if (!options.whole) return;
      await bless(world, "1");

      await world.publish({ "os_2.img": image("2"), "os_2.verity": verity("2"), "os_2.efi": uki("2") });
      const second = await world.update();
      assert.deepEqual([second.outcome, second.wayBack], ["done", "1"]);
      assert.deepEqual(await disk.labels(), ["1 data", "2 os_1", "3 os_1_verity", "4 os_2", "5 os_2_verity"]);
      assert.ok((await disk.bytes(2, mebi + 12_345)).equals(image("1")));
      assert.ok((await disk.bytes(4, mebi + 12_345)).equals(image("2")));
      await bless(world, "2");

      await world.publish({ "os_3.img": image("3"), "os_3.verity": verity("3"), "os_3.efi": uki("3") });
      const third = await world.update();
      assert.deepEqual([third.outcome, third.wayBack, third.bootsNext], ["done", "2", "3"]);
      assert.ok(
        third.notices.includes("Version 1 gives up its partition to 3 before the download."),
        String(third.notices),
      );
      assert.deepEqual(
        third.steps.map(({ title }) => title),
        [
          "Verify the way back, version 2",
          "Remove version 1 (to make room)",
          "Copy os_3.img",
          "Copy os_3.verity",
          "Copy os_3.efi",
          `Install partition 2 of ${disk.device}`,
          `Install partition 3 of ${disk.device}`,
          "Add the boot entry /efi/EFI/Linux/os_3+3-0.efi",
          "Audit: does version 3 boot next, and is it whole?",
        ],
      );
      assert.deepEqual(await disk.labels(), ["1 data", "2 os_3", "3 os_3_verity", "4 os_2", "5 os_2_verity"]);
      assert.deepEqual(await world.list("/efi/EFI/Linux"), ["os_2.efi", "os_3+3-0.efi"]);
      assert.ok((await disk.bytes(2, mebi + 12_345)).equals(image("3")));
      assert.ok((await disk.bytes(5, 70_000)).equals(verity("2")));
      assert.deepEqual(
        (await disk.table()).partitions.map(({ type }) => type),
        [genericType, rootType, verityType, rootType, verityType],
      );
      assert.ok((await disk.bytes(1, mebi)).equals(before), "the neighbour is untouched");

      assert.equal((await world.update()).outcome, "done", "nothing more to do: 3 boots next");
      const deep = await doctorMachine(world.session(), { deep: true, repair: false });
      assert.deepEqual(
        deep.findings.filter(({ severity }) => severity !== "info"),
        [],
      );
      const back = await rollbackMachine(world.session(), {});
      assert.equal(back.to, "2");
    });
  });
}

test("an image that fits no slot is refused by its size, before anything changes", async (context) => {
  await withDisk(context, twoSlots, {}, async (world, disk) => {
    await installed(world, disk, "1");
    await world.publish({ "os_2.img": noise("large", 4 * mebi + 1), "os_2.efi": uki("2") });
    await assert.rejects(world.update(), {
      code: "no-free-slot",
      message: `Cannot install os_2: it has ${4 * mebi + 1} bytes and the largest partition for it ${4 * mebi}`,
    });
    assert.deepEqual(await disk.labels(), ["1 os_1", "2 _empty"]);
    assert.deepEqual(await world.list("/efi/EFI/Linux"), ["os_1.efi"]);
    const ran = await world.run("update");
    assert.equal(ran.code, 4, ran.stderr);
  });
});

test("versions that are pinned keep their slots: the update is refused", async (context) => {
  await withDisk(context, twoSlots, {}, async (world, disk) => {
    await installed(world, disk, "1", "2");
    await pinVersion(world.session(), "1");
    await world.publish({ "os_3.img": image("3"), "os_3.efi": uki("3") });
    await assert.rejects(world.update(), {
      code: "no-free-slot",
      message: "Cannot install os_3: every partition for it holds a version that must stay (os_1, os_2)",
    });
    assert.deepEqual(await disk.labels(), ["1 os_1", "2 os_2"]);
    assert.deepEqual(await world.list("/efi/EFI/Linux"), ["os_1.efi", "os_2.efi"]);
  });
});

test("a slot too small is passed over for one that is large enough", async (context) => {
  await withDisk(context, [{ label: "_empty", mebibytes: 1 }, { label: "_empty" }], {}, async (world, disk) => {
    await installed(world, disk, "1");
    assert.deepEqual(await disk.labels(), ["1 _empty", "2 os_1"]);
  });
});

test("the type of its slots keeps a transfer away from partitions of another type", async (context) => {
  const slots: Slot[] = [
    { label: "_empty", type: genericType },
    { label: "os_0", type: genericType },
    { label: "_empty", type: verityType },
  ];
  await withDisk(context, slots, {}, async (world, disk) => {
    await world.define("50-root.transfer", rootTransfer(world, disk));
    await world.publish({ "os_1.img": image("1") });
    await assert.rejects(world.update(), {
      code: "no-free-slot",
      message: "Cannot install os_1: no partition of the right type is on the disk",
    });
    await world.define("50-root.transfer", rootTransfer(world, disk, { MatchPartitionType: "linux-generic" }));
    await world.update();
    assert.deepEqual(await disk.labels(), ["1 os_1", "2 os_0", "3 _empty"]);
  });
});

const chosenUuid = "0d3ac3f5-9f1a-4a1c-9d23-3b4f6d1f7e21";

for (const [name, source, target, wanted] of [
  ["no settings: the identity and flags of the slot stay", "os_1.img", {}, { flags: 0n }],
  [
    "@u @a @g @r of the source's name",
    `os_1_${chosenUuid}_1_0_1.img`,
    {},
    { uuid: chosenUuid, flags: (1n << 63n) | (1n << 60n) },
  ],
  ["@f of the source's name", "os_1_9800000000000000.img", {}, { flags: 0x9800000000000000n }],
  [
    "settings before what the name says",
    `os_1_${chosenUuid}_1_0_1.img`,
    {
      PartitionNoAuto: "no",
      PartitionGrowFileSystem: "yes",
      ReadOnly: "no",
      PartitionUUID: "11111111-2222-4333-8444-555555555555",
    },
    { uuid: "11111111-2222-4333-8444-555555555555", flags: 1n << 59n },
  ],
  [
    "single bits before PartitionFlags=",
    "os_1.img",
    { PartitionFlags: "0x9000000000000000", PartitionNoAuto: "no" },
    { flags: 1n << 60n },
  ],
] as const) {
  test(`the partition gets what is wanted: ${name}`, async (context) => {
    await withDisk(context, twoSlots, {}, async (world, disk) => {
      const before = (await disk.table()).partitions[0];
      const sources = "os_@v_@u_@a_@g_@r.img os_@v_@f.img os_@v.img";
      await world.define("50-root.transfer", rootTransfer(world, disk, target, sources));
      await world.publish({ [source]: image("1") });
      await world.update();
      const after = (await disk.table()).partitions[0];
      assert.deepEqual(
        [after?.label, after?.type, after?.uuid, after?.attributes],
        ["os_1", rootType, "uuid" in wanted ? wanted.uuid : before?.uuid, wanted.flags],
      );
      assert.equal((await world.update()).outcome, "nothing-to-do");
    });
  });
}
