// Targets of type partition: A/B slots on image files and loop devices, with every setting of sysupdate.d(5) for them.
import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { FaultServer } from "../../tools/lab/fault-server.ts";
import { compress } from "./archives.ts";
import { test, type TestContext } from "node:test";
import { doctorMachine } from "../../src/agent/doctor.ts";
import { pinVersion } from "../../src/agent/pins.ts";
import { rollbackMachine } from "../../src/agent/rollback.ts";
import {
  type Disk,
  type DiskOptions,
  genericType,
  makeDisk,
  mebi,
  partialOfRoot,
  pendingOfRoot,
  rootType,
  type Slot,
  Unavailable,
  verityType,
} from "./disks.ts";
import { entryOf, uki, ukiTransfer } from "./parts.ts";
import { noise, transfer, until, World } from "./world.ts";

async function withDisk(
  context: TestContext,
  slots: readonly Slot[],
  options: DiskOptions,
  body: (world: World, disk: Disk) => Promise<void>,
): Promise<void> {
  await using world = await World.make();
  let disk: Disk;
  try {
    disk = await makeDisk(world, slots, options);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    context.skip(error.message);
    return;
  }
  await body(world, disk);
}

const rootTransfer = (
  world: World,
  disk: Disk,
  target: Readonly<Record<string, string>> = {},
  source = "os_@v.img",
): string =>
  transfer(
    { Type: "url-file", Path: world.url, MatchPattern: source },
    { Type: "partition", Path: disk.device, MatchPattern: "os_@v", MatchPartitionType: "root-x86-64", ...target },
  );

const verityTransfer = (world: World, disk: Disk): string =>
  transfer(
    { Type: "url-file", Path: world.url, MatchPattern: "os_@v.verity" },
    { Type: "partition", Path: disk.device, MatchPattern: "os_@v_verity", MatchPartitionType: verityType },
  );

const image = (version: string): Buffer => noise(`image ${version}`, mebi + 12_345);
const verity = (version: string): Buffer => noise(`verity ${version}`, 70_000);

/** The loader's work and a blessing: the counter goes. */
async function bless(world: World, version: string): Promise<void> {
  await rename(world.host(`/efi/EFI/Linux/os_${version}+3-0.efi`), world.host(entryOf(version)));
  await world.running(version);
}

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

const twoSlots: readonly Slot[] = [{ label: "_empty" }, { label: "_empty" }];

/** One transfer without verity, an entry, and versions that are installed, blessed and (the last one) running. */
async function installed(world: World, disk: Disk, ...versions: readonly string[]): Promise<void> {
  await world.define("50-root.transfer", rootTransfer(world, disk));
  await world.define("90-uki.transfer", ukiTransfer(world));
  for (const version of versions) {
    await world.publish({ [`os_${version}.img`]: image(version), [`os_${version}.efi`]: uki(version) });
    await world.update();
    await bless(world, version);
  }
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

for (const [suffix, program] of [
  ["gz", "gzip"],
  ["xz", "xz"],
  ["zst", "zstd"],
  ["bz2", "bzip2"],
] as const) {
  test(`a source compressed with ${program} fills a partition`, async (context) => {
    await withDisk(context, twoSlots, {}, async (world, disk) => {
      const source = `os_@v.img.${suffix}`;
      await world.define("50-root.transfer", rootTransfer(world, disk, {}, source));
      await world.publish({ [`os_1.img.${suffix}`]: await compress(program, image("1")) });
      const done = await world.update();
      assert.equal(done.outcome, "done");
      assert.deepEqual(await disk.labels(), ["1 os_1", "2 _empty"]);
      assert.ok((await disk.bytes(1, mebi + 12_345)).equals(image("1")));
      assert.deepEqual(await world.list("/var/lib/holdfast/staging"), []);
      const size = 5 * mebi;
      await world.publish({ [`os_2.img.${suffix}`]: await compress(program, Buffer.alloc(size, 7)) });
      await assert.rejects(world.update(), { code: "too-large" });
      assert.equal((await world.list("/var/lib/holdfast")).includes("versions/2.json"), false);
      assert.ok((await disk.bytes(1, mebi + 12_345)).equals(image("1")));
    });
  });
}

test("compressed bytes whose name does not say so are unpacked into a partition as well", async (context) => {
  await withDisk(context, twoSlots, {}, async (world, disk) => {
    await world.define("50-root.transfer", rootTransfer(world, disk));
    await world.publish({ "os_1.img": await compress("zstd", image("1")) });
    assert.equal((await world.update()).outcome, "done");
    assert.ok((await disk.bytes(1, mebi + 12_345)).equals(image("1")));
    assert.equal((await world.update()).outcome, "nothing-to-do");
  });
});

test("two transfers with one partition type share the empty slots and never take the same one", async (context) => {
  const slots = Array.from({ length: 4 }, () => ({ label: "_empty", type: genericType }));
  await withDisk(context, slots, {}, async (world, disk) => {
    await world.define(
      "50-a.transfer",
      rootTransfer(world, disk, { MatchPartitionType: "linux-generic", MatchPattern: "a_@v" }, "a_@v.img"),
    );
    await world.define(
      "60-b.transfer",
      rootTransfer(world, disk, { MatchPartitionType: "linux-generic", MatchPattern: "b_@v" }, "b_@v.img"),
    );
    await world.publish({ "a_1.img": noise("a1", 5000), "b_1.img": noise("b1", 6000) });
    await world.update();
    assert.deepEqual(await disk.labels(), ["1 a_1", "2 b_1", "3 _empty", "4 _empty"]);
    assert.ok((await disk.bytes(1, 5000)).equals(noise("a1", 5000)));
    assert.ok((await disk.bytes(2, 6000)).equals(noise("b1", 6000)));
    await world.publish({ "a_2.img": noise("a2", 5000), "b_2.img": noise("b2", 6000) });
    await world.update();
    assert.deepEqual(await disk.labels(), ["1 a_1", "2 b_1", "3 a_2", "4 b_2"]);
  });
});

test("partitions that systemd-sysupdate left half written or pending are slots again", async (context) => {
  const slots: Slot[] = [
    { label: "_empty" },
    { label: "os_2", type: partialOfRoot },
    { label: "os_3", type: pendingOfRoot },
  ];
  await withDisk(context, slots, {}, async (world, disk) => {
    await installed(world, disk, "1");
    // The empty one is as good as the others.
    assert.deepEqual(await disk.labels(), ["1 os_1", "2 _empty", "3 _empty"]);
    assert.deepEqual(
      (await disk.table()).partitions.map(({ type }) => type),
      [rootType, rootType, rootType],
    );
  });
});

test("RemoveTemporary=no leaves the half-written partitions of systemd-sysupdate alone", async (context) => {
  const slots: Slot[] = [{ label: "_empty" }, { label: "os_2", type: partialOfRoot }];
  await withDisk(context, slots, {}, async (world, disk) => {
    await world.define("50-root.transfer", rootTransfer(world, disk, { RemoveTemporary: "no" }));
    await world.publish({ "os_1.img": image("1") });
    await world.update();
    assert.deepEqual(await disk.labels(), ["1 os_1", "2 os_2"]);
    assert.equal((await disk.table()).partitions[1]?.type, partialOfRoot);
  });
});

test("a byte that changes inside the image is found by a deep check, one behind its end is not looked at", async (context) => {
  await withDisk(context, twoSlots, {}, async (world, disk) => {
    await installed(world, disk, "1", "2");
    await disk.write(1, Buffer.from([1]), mebi + 12_345);
    const deep = (): ReturnType<typeof doctorMachine> => doctorMachine(world.session(), { deep: true, repair: false });
    assert.equal((await deep()).healthy, true);
    const [byte = 0] = (await disk.bytes(1, mebi)).subarray(-1);
    await disk.write(1, Buffer.from([byte ^ 1]), mebi - 1);
    const report = await deep();
    assert.equal(report.healthy, false);
    assert.deepEqual(
      report.findings.map(({ code, subject }) => [code, subject]),
      [
        ["image-damaged", "partition 1 of /disk"],
        ["way-back-missing", "os_2.efi"],
      ],
    );
  });
});

test("an update killed in the middle leaves a partition of the partial type and goes on from the last flush", async (context) => {
  const slots: Slot[] = [
    { label: "_empty", mebibytes: 100 },
    { label: "_empty", mebibytes: 100 },
  ];
  await withDisk(context, slots, {}, async (world, disk) => {
    await using server = await FaultServer.start(world.repository);
    const url = (text: string): string => text.replaceAll(world.url, server.url);
    await world.define("50-root.transfer", url(rootTransfer(world, disk)));
    await world.define("90-uki.transfer", url(ukiTransfer(world)));
    const large = noise("large", 90 * mebi + 77);
    await world.publish({ "os_1.img": large, "os_1.efi": uki("1") });
    server.misbehave({ path: "/os_1.img", stallAfterBytes: 80 * mebi });
    const child = world.start("update");
    const ended = new Promise((resolve) => child.once("close", resolve));
    await until(async () => (await world.list("/var/lib/holdfast/staging")).length === 1, 30_000);
    child.kill("SIGKILL");
    await ended;
    const [half] = (await disk.table()).partitions;
    assert.deepEqual([half?.label, half?.type], ["os_1", partialOfRoot]);
    assert.deepEqual(await world.list("/efi/EFI/Linux"), []);
    server.heal();
    const before = server.bytesSent("/os_1.img");
    const report = await world.update();
    assert.equal(report.outcome, "done");
    assert.equal(server.bytesSent("/os_1.img") - before, 26 * mebi + 77);
    assert.deepEqual(await disk.labels(), ["1 os_1", "2 _empty"]);
    assert.equal((await disk.table()).partitions[0]?.type, rootType);
    assert.ok((await disk.bytes(1, large.length)).equals(large));
    assert.deepEqual(await world.list("/var/lib/holdfast/staging"), []);
  });
});

test("what was begun in one slot goes on there, though another is empty", async (context) => {
  const slots: Slot[] = [{ label: "_empty" }, { label: "os_1", type: partialOfRoot }];
  await withDisk(context, slots, {}, async (world, disk) => {
    await installed(world, disk, "1");
    assert.deepEqual(await disk.labels(), ["1 _empty", "2 os_1"]);
  });
});

test("the partition of the running version is never written, not even to mend it", async (context) => {
  await withDisk(context, twoSlots, {}, async (world, disk) => {
    await installed(world, disk, "1", "2");
    const [byte = 0] = await disk.bytes(2, 1);
    await disk.write(2, Buffer.from([byte ^ 1]));
    // Another identity, as another tool may give it: what is recorded of the partition no longer holds.
    await disk.change(2, "uuid=11111111-2222-4333-8444-555555555555");
    const before = await disk.bytes(2, mebi);
    const outcome = await world.update().then(
      (report) => report.outcome,
      (error: { kind?: string }) => error.kind,
    );
    assert.ok((await disk.bytes(2, mebi)).equals(before));
    assert.deepEqual(await disk.labels(), ["1 os_1", "2 os_2"]);
    assert.deepEqual(await world.list("/efi/EFI/Linux"), ["os_1.efi", "os_2.efi"]);
    assert.equal(outcome, "refused");
  });
});

test("a name too long for a partition's label is refused before a slot is given up", async (context) => {
  await withDisk(context, twoSlots, {}, async (world, disk) => {
    await installed(world, disk, "1", "2");
    const version = `3.${"0".repeat(34)}`;
    await world.publish({ [`os_${version}.img`]: image(version), [`os_${version}.efi`]: uki(version) });
    await assert.rejects(world.update(), { code: "partition-label" });
    assert.deepEqual(await disk.labels(), ["1 os_1", "2 os_2"]);
    assert.deepEqual(await world.list("/efi/EFI/Linux"), ["os_1.efi", "os_2.efi"]);
  });
});
