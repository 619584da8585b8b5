import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fault } from "../../base/fault.ts";
import { SeededRandom } from "../../base/random.ts";
import { CallGate } from "../call-gate.ts";
import { crashChoices } from "../crash-choices.ts";
import { FaultPlan } from "../fault-plan.ts";
import { Content } from "./content.ts";
import { DiskTree } from "./disk-tree.ts";
import { FatFileSystem } from "./fat-file-system.ts";
import { SimDisk } from "./sim-disk.ts";

const old = Content.pattern(1, 20_000);
const fresh = Content.pattern(2, 30_000);

function world(type: "ext4" | "vfat"): { tree: DiskTree; disk: SimDisk } {
  const tree = DiskTree.make([
    { mountPoint: "/", type: "ext4", sizeBytes: 1e9 },
    { mountPoint: "/v", type, sizeBytes: 1e7 },
  ]);
  return { tree, disk: new SimDisk(tree) };
}

async function write(disk: SimDisk, path: string, content: Content, flush: boolean): Promise<void> {
  await using file = await disk.open(path, "create");
  await file.write(0, content.bytes());
  if (flush) await file.sync();
}

function className(content: Content | "unreadable" | undefined): string {
  if (content === undefined) return "absent";
  if (content === "unreadable") return content;
  if (content.equals(fresh)) return "fresh";
  if (content.equals(old)) return "old";
  if (content.sizeBytes === 0) return "empty";
  if (content.equals(Content.zeros(content.sizeBytes))) return "zero";
  if (content.sizeBytes === fresh.sizeBytes && content.slice(0, 20_000).equals(old)) return "reused";
  return "part";
}

/** All states after a crash now, each as "name=class" of the paths given. */
function outcomes(tree: DiskTree, ...paths: string[]): string[] {
  const found = new Set<string>();
  for (const picks of crashChoices(tree.crashDimensions(), 10_000, new SeededRandom(1))) {
    const after = tree.afterCrash(picks);
    found.add(paths.map((path) => `${path.slice(3)}=${className(after.peek(path))}`).join(" "));
  }
  return [...found].sort();
}

for (const type of ["ext4", "vfat"] as const)
  test(`what firmware renamed on ${type} stays renamed`, () => {
    const { tree } = world(type);
    tree.plant("/v/a", fresh);
    tree.shift("/v/a", "/v/b");
    assert.deepEqual(outcomes(tree, "/v/a", "/v/b"), ["a=absent b=fresh"]);
  });

describe("after a crash on ext4", () => {
  test("a file that was neither flushed nor named durably may be anything", async () => {
    const { tree, disk } = world("ext4");
    await write(disk, "/v/a", fresh, false);
    assert.deepEqual(outcomes(tree, "/v/a"), ["a=absent", "a=empty", "a=fresh", "a=part", "a=zero"]);
  });

  test("blocks of a removed file may show up in a new one", async () => {
    const { tree, disk } = world("ext4");
    tree.plant("/v/x", old);
    await disk.remove("/v/x");
    await disk.syncFolder("/v");
    await write(disk, "/v/a", fresh, false);
    await disk.syncFolder("/v");
    assert.deepEqual(outcomes(tree, "/v/a"), ["a=empty", "a=fresh", "a=part", "a=reused", "a=zero"]);
  });

  test("after file and folder are flushed there is one outcome", async () => {
    const { tree, disk } = world("ext4");
    await write(disk, "/v/a", fresh, true);
    assert.deepEqual(outcomes(tree, "/v/a"), ["a=absent", "a=fresh"]);
    await disk.syncFolder("/v");
    assert.deepEqual(outcomes(tree, "/v/a"), ["a=fresh"]);
  });

  test("a rename is whole or not at all, and sure after the folder's flush", async () => {
    const { tree, disk } = world("ext4");
    tree.plant("/v/a", fresh);
    await disk.rename("/v/a", "/v/b");
    assert.deepEqual(outcomes(tree, "/v/a", "/v/b"), ["a=absent b=fresh", "a=fresh b=absent"]);
    await disk.syncFolder("/v");
    assert.deepEqual(outcomes(tree, "/v/a", "/v/b"), ["a=absent b=fresh"]);
  });

  test("nothing orders two folders, but names within one come in order", async () => {
    const { tree, disk } = world("ext4");
    tree.plantFolder("/v/f");
    tree.plantFolder("/v/g");
    tree.plant("/v/f/a", fresh);
    tree.plant("/v/g/b", fresh);
    await disk.rename("/v/f/a", "/v/f/c");
    await disk.rename("/v/g/b", "/v/g/d");
    assert.equal(outcomes(tree, "/v/f/c", "/v/g/d").length, 4);
    await disk.rename("/v/f/c", "/v/f/e");
    assert.deepEqual(outcomes(tree, "/v/f/a", "/v/f/c", "/v/f/e"), [
      "f/a=absent f/c=absent f/e=fresh",
      "f/a=absent f/c=fresh f/e=absent",
      "f/a=fresh f/c=absent f/e=absent",
    ]);
  });

  test("a rename between folders is sure after both are flushed", async () => {
    const { tree, disk } = world("ext4");
    tree.plantFolder("/v/f");
    tree.plant("/v/a", fresh);
    await disk.rename("/v/a", "/v/f/a");
    await disk.syncFolder("/v/f");
    assert.equal(outcomes(tree, "/v/a", "/v/f/a").length, 2);
    await disk.syncFolder("/v");
    assert.deepEqual(outcomes(tree, "/v/a", "/v/f/a"), ["a=absent f/a=fresh"]);
  });

  test("a failed flush drops the data, and a second one proves nothing", async () => {
    const tree = world("ext4").tree;
    const gate = new CallGate(new FaultPlan([{ name: "sync", code: "io-error", reached: "part" }]));
    const disk = new SimDisk(tree, gate);
    await using file = await disk.open("/v/a", "create");
    await file.write(0, fresh.bytes());
    await assert.rejects(file.sync(), (error: unknown) => error instanceof Fault && error.code === "io-error");
    await file.sync();
    await disk.syncFolder("/v");
    assert.equal(className(tree.peek("/v/a")), "fresh");
    assert.equal(className(tree.peek("/v/a", "medium")), "part");
    assert.deepEqual(outcomes(tree, "/v/a"), ["a=part"]);
  });
});

test("neither a failed flush nor rot harms what was on the medium before", async () => {
  for (const type of ["ext4", "vfat"] as const) {
    for (const instead of [undefined, "rot"] as const) {
      const { tree } = world(type);
      tree.plant("/v/a", fresh);
      const fault = {
        name: "sync",
        code: "io-error",
        reached: "part",
        ...(instead === undefined ? {} : { instead }),
      } as const;
      const disk = new SimDisk(tree, new CallGate(new FaultPlan([fault])));
      await disk.rename("/v/a", "/v/b");
      await using file = await disk.open("/v/b", "modify");
      if (instead === undefined) await assert.rejects(file.sync(), { code: "io-error" });
      else await file.sync();
      assert.equal(className(tree.peek("/v/b", "medium")), "fresh", `${type} ${instead}`);
    }
  }
});

describe("after a crash on FAT", () => {
  test("a rename leaves the old name, the new one, both or neither", async () => {
    const { tree, disk } = world("vfat");
    tree.plant("/v/a", fresh);
    await disk.rename("/v/a", "/v/b");
    assert.deepEqual(outcomes(tree, "/v/a", "/v/b"), [
      "a=absent b=absent",
      "a=absent b=empty",
      "a=absent b=fresh",
      "a=fresh b=absent",
      "a=fresh b=empty",
      "a=fresh b=fresh",
    ]);
    await disk.syncFolder("/v");
    assert.deepEqual(outcomes(tree, "/v/a", "/v/b"), ["a=absent b=empty", "a=absent b=fresh"]);
    await using file = await disk.open("/v/b", "modify");
    await file.sync();
    assert.deepEqual(outcomes(tree, "/v/a", "/v/b"), ["a=absent b=fresh"]);
  });

  test("a rename whose file is flushed before its folder never shows an empty name", async () => {
    const { tree, disk } = world("vfat");
    tree.plant("/v/a", fresh);
    await disk.rename("/v/a", "/v/b");
    await using file = await disk.open("/v/b", "modify");
    await file.sync();
    assert.ok(outcomes(tree, "/v/a", "/v/b").every((state) => !state.includes("empty")));
    await disk.syncFolder("/v");
    assert.deepEqual(outcomes(tree, "/v/a", "/v/b"), ["a=absent b=fresh"]);
  });

  /** The state in which both names are there. */
  async function doubled(): Promise<{ tree: DiskTree; disk: SimDisk }> {
    const { tree, disk } = world("vfat");
    tree.plant("/v/a", fresh);
    await disk.rename("/v/a", "/v/b");
    for (const picks of crashChoices(tree.crashDimensions(), 100, new SeededRandom(1))) {
      const after = tree.afterCrash(picks);
      if (className(after.peek("/v/a")) === "fresh" && className(after.peek("/v/b")) === "fresh")
        return { tree: after, disk: new SimDisk(after) };
    }
    throw new Error("no state has both names");
  }

  test("removing one of two names on one chain damages the other and makes the volume read-only", async () => {
    const { tree, disk } = await doubled();
    await disk.remove("/v/a");
    await using file = await disk.open("/v/b", "read");
    await assert.rejects(file.read(0, new Uint8Array(8)), { code: "io-error" });
    assert.equal((await disk.fileSystem("/v")).readOnly, true);
    await assert.rejects(disk.makeFolder("/v/f"), { code: "read-only" });
    assert.equal(tree.peek("/v/b"), "unreadable");
  });

  test("fsck.fat cuts the second name to zero bytes, once", async () => {
    const { tree } = await doubled();
    const volume = tree.volume("/v");
    assert.ok(volume instanceof FatFileSystem);
    assert.deepEqual(volume.repair(), ["the dirty flag is set", "/b and /a share clusters"]);
    assert.deepEqual([className(tree.peek("/v/a")), className(tree.peek("/v/b"))], ["fresh", "empty"]);
    assert.deepEqual(volume.findings(), []);
  });

  test("a chain that no name leads to is salvaged into the root, as fsck.fat -a does", async () => {
    const { tree, disk } = world("vfat");
    tree.plant("/v/a", fresh);
    await disk.rename("/v/a", "/v/b");
    const neither = [...crashChoices(tree.crashDimensions(), 100, new SeededRandom(1))]
      .map((picks) => tree.afterCrash(picks))
      .find((after) => after.namesIn("/v").length === 0);
    const volume = neither?.volume("/v");
    assert.ok(neither !== undefined && volume instanceof FatFileSystem);
    const used = volume.usedBytes();
    volume.repair();
    assert.deepEqual(neither.namesIn("/v"), ["FSCK0000.REC"]);
    assert.equal(volume.usedBytes(), used);
  });

  test("a new file not flushed is absent, empty, cut, zero, or a name without clusters", async () => {
    const { tree, disk } = world("vfat");
    await write(disk, "/v/a", fresh, false);
    assert.deepEqual(outcomes(tree, "/v/a"), ["a=absent", "a=empty", "a=fresh", "a=unreadable", "a=zero"]);
    await disk.syncFolder("/v");
    assert.deepEqual(outcomes(tree, "/v/a"), ["a=empty", "a=fresh", "a=unreadable", "a=zero"]);
  });

  test("a removal not flushed may leave a name whose clusters are free, and fsck.fat empties it", async () => {
    const { tree, disk } = world("vfat");
    tree.plant("/v/a", fresh);
    await disk.remove("/v/a");
    assert.deepEqual(outcomes(tree, "/v/a"), ["a=absent", "a=fresh", "a=unreadable"]);
    const damaged = [...crashChoices(tree.crashDimensions(), 100, new SeededRandom(1))]
      .map((picks) => tree.afterCrash(picks))
      .find((after) => after.peek("/v/a") === "unreadable");
    const volume = damaged?.volume("/v");
    assert.ok(damaged !== undefined && volume instanceof FatFileSystem);
    assert.deepEqual(volume.repair(), ["the dirty flag is set", "/a starts at a free cluster"]);
    assert.equal(className(damaged.peek("/v/a")), "empty");
  });

  test("a failed flush drops the data, and a second one proves nothing", async () => {
    const { tree } = world("vfat");
    const disk = new SimDisk(tree, new CallGate(new FaultPlan([{ name: "sync", code: "io-error", reached: "part" }])));
    await using file = await disk.open("/v/a", "create");
    await file.write(0, fresh.bytes());
    await assert.rejects(file.sync(), { code: "io-error" });
    await file.write(0, fresh.bytes());
    await file.sync();
    await disk.syncFolder("/v");
    assert.deepEqual(outcomes(tree, "/v/a"), ["a=part"]);
  });

  test("inode numbers do not survive a mount", async () => {
    const { tree, disk } = world("vfat");
    tree.plant("/v/a", fresh);
    const before = (await disk.stat("/v/a"))?.stamp;
    tree.remount();
    assert.notEqual((await disk.stat("/v/a"))?.stamp, before);
  });
});

test("a byte flipped on the medium shows past the cache, and everywhere after the next boot", () => {
  for (const type of ["ext4", "vfat"] as const) {
    const { tree } = world(type);
    tree.plant("/v/a", fresh);
    tree.corrupt("/v/a", 12_345);
    assert.equal(className(tree.peek("/v/a")), "fresh");
    assert.notEqual(className(tree.peek("/v/a", "medium")), "fresh");
    tree.remount();
    assert.notEqual(className(tree.peek("/v/a")), "fresh");
  }
});

test("a full file system takes what fits to the last byte", async () => {
  for (const type of ["ext4", "vfat"] as const) {
    const { tree, disk } = world(type);
    const used = tree.volume("/v").usedBytes();
    tree.volume("/v").limitBytes(used + 12_345);
    await assert.rejects(write(disk, "/v/a", fresh, true), { code: "no-space" });
    assert.equal((await disk.stat("/v/a"))?.sizeBytes, 12_345);
  }
});

test("a fork and its origin do not see each other's changes", async () => {
  for (const type of ["ext4", "vfat"] as const) {
    const { tree, disk } = world(type);
    tree.plant("/v/a", old);
    const copy = tree.fork();
    const key = copy.key();
    await disk.rename("/v/a", "/v/b");
    await write(disk, "/v/c", fresh, false);
    assert.equal(copy.key(), key);
    copy.uproot("/v/a");
    assert.equal(className(tree.peek("/v/b")), "old");
  }
});

test("every state after any crash can be read and repaired, and a second repair finds nothing", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new SeededRandom(seed);
    const { tree, disk } = world("vfat");
    let current = disk;
    let here = tree;
    for (let step = 0; step < 30; step++) {
      await randomStep(current, random).catch((error: unknown) =>
        assert.ok(error instanceof Fault, `seed ${seed}: ${String(error)}`),
      );
      if (!random.chance(0.1)) continue;
      const dimensions = here.crashDimensions();
      here = here.afterCrash(dimensions.map((dimension) => random.below(dimension.options.length)));
      current = new SimDisk(here);
      const volume = here.volume("/v");
      assert.ok(volume instanceof FatFileSystem);
      if (random.chance(0.5)) volume.repair();
      if (random.chance(0.5)) continue;
      volume.repair();
      assert.deepEqual(volume.findings(), [], `seed ${seed}, step ${step}`);
      for (const row of here.rows()) assert.notEqual(row[2], "unreadable", `seed ${seed}, step ${step}`);
    }
  }
});

function randomStep(disk: SimDisk, random: SeededRandom): Promise<void> {
  const path = (): string => `/v/${random.pick(["a", "b", "c", "d"])}`;
  switch (random.below(6)) {
    case 0:
      return write(disk, path(), Content.pattern(random.below(99), random.below(20_000)), random.chance(0.5));
    case 1:
      return disk.rename(path(), path());
    case 2:
      return disk.remove(path());
    case 3:
      return disk.syncFolder("/v");
    case 4:
      return disk.replace(path(), path());
    default:
      return patch(disk, path(), random.below(9000), Content.pattern(7, random.below(9000)));
  }
}

async function patch(disk: SimDisk, path: string, offset: number, piece: Content): Promise<void> {
  await using file = await disk.open(path, "modify");
  await file.write(offset, piece.bytes());
}
