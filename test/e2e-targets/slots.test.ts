// What may lie in a slot, and what is written there: compressed sources, leftovers, half-written and damaged bytes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { doctorMachine } from "../../src/agent/command/doctor.ts";
import { FaultServer } from "../../tools/lab/fault-server.ts";
import { image, installed, rootTransfer, twoSlots, withDisk } from "./ab.ts";
import { compress } from "./archives.ts";
import { genericType, mebi, partialOfRoot, pendingOfRoot, rootType, type Slot } from "./disks.ts";
import { uki, ukiTransfer } from "./parts.ts";
import { noise, until } from "./world.ts";

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
    // Under its final name: while it is written, the fact of the flush has another, and tells nothing yet.
    const told = async (): Promise<boolean> =>
      (await world.list("/var/lib/holdfast/staging")).some((name) => !name.startsWith("."));
    await until(told, 60_000);
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
