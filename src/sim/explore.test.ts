import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Machine } from "../port/machine.ts";
import { Content } from "./disk/content.ts";
import { explore, type ExploreReport, type Scenario } from "./explore.ts";
import { SimWorld } from "./machine.ts";
import { describeReport } from "./report/describe-report.ts";

// A toy of what the executor does: an image on ext4, then the entry on FAT, each written hidden, flushed and renamed.
type Part = "sync image" | "sync image folder" | "sync entry" | "sync entry folder" | "repair";

const image = Content.pattern(1, 30_000);
const entry = Content.pattern(2, 9_000);
const older = Content.pattern(3, 12_000);
const seed = 20260301;

function startWorld(): SimWorld {
  const world = new SimWorld({
    seed,
    fileSystems: [
      { mountPoint: "/", type: "ext4", sizeBytes: 1e8 },
      { mountPoint: "/efi", type: "vfat", sizeBytes: 1e7 },
    ],
  });
  // An older entry was removed before, so blocks of it may turn up again.
  world.tree.plant("/efi/old.efi", older);
  world.tree.uproot("/efi/old.efi");
  world.tree.plantFolder("/images");
  return world;
}

async function isThere(machine: Machine, path: string, content: Content): Promise<boolean> {
  if ((await machine.disk.stat(path)) === undefined) return false;
  await using file = await machine.disk.open(path, "medium");
  const bytes = new Uint8Array(await file.size());
  await file.read(0, bytes);
  return Content.of(bytes).equals(content);
}

function install(without?: Part): (machine: Machine) => Promise<void> {
  const does = (part: Part): boolean => part !== without;
  return async (machine) => {
    const { disk, volumes } = machine;
    const put = async (
      folder: string,
      hidden: string,
      name: string,
      content: Content,
      sync: Part,
      syncFolder: Part,
    ): Promise<void> => {
      if (await isThere(machine, `${folder}/${name}`, content)) return disk.syncFolder(folder);
      for (const path of [`${folder}/${hidden}`, `${folder}/${name}`]) {
        if ((await disk.stat(path)) !== undefined) await disk.remove(path);
      }
      await disk.syncFolder(folder);
      {
        await using file = await disk.open(`${folder}/${hidden}`, "create");
        await file.write(0, content.bytes());
        if (does(sync)) await file.sync();
      }
      await disk.rename(`${folder}/${hidden}`, `${folder}/${name}`);
      {
        // On FAT the new name leads to its data only once the file behind it was flushed.
        await using file = await disk.open(`${folder}/${name}`, "modify");
        if (does(sync)) await file.sync();
      }
      if (does(syncFolder)) await disk.syncFolder(folder);
    };
    const esp = await disk.fileSystem("/efi");
    if (does("repair") && (await volumes.health(esp)).kind === "dirty") {
      await volumes.repair(esp);
      for (const { name } of await disk.list("/efi")) if (name.startsWith("FSCK")) await disk.remove(`/efi/${name}`);
    }
    await put("/images", ".hidden", "os_2.img", image, "sync image", "sync image folder");
    await put("/efi", "hidden.tmp", "os_2.efi", entry, "sync entry", "sync entry folder");
  };
}

function isWhole(world: SimWorld, path: string, content: Content): boolean {
  const found = world.tree.peek(path, "medium");
  return found instanceof Content && found.equals(content);
}

function scenario(without?: Part): Scenario {
  return {
    name: without === undefined ? "install" : `install without ${without}`,
    world: startWorld(),
    work: install(without),
    recover: install(without),
    check: (world) => {
      const visible = world.tree.peek("/efi/os_2.efi");
      // fsck.fat may cut a name to nothing; the loader passes over such an entry.
      if (visible === undefined || (visible instanceof Content && visible.sizeBytes === 0)) return [];
      const problems: string[] = [];
      if (!isWhole(world, "/efi/os_2.efi", entry)) problems.push("P1: the entry is visible and not whole");
      if (!isWhole(world, "/images/os_2.img", image)) problems.push("P1: an entry without its image");
      return problems;
    },
    checkLasting: (world) => (isWhole(world, "/efi/os_2.efi", entry) ? [] : ["P5: reported as done, and gone"]),
    checkDone: (world) => {
      const names = [...world.tree.namesIn("/efi"), ...world.tree.namesIn("/images")].join();
      const problems = names === "os_2.efi,os_2.img" ? [] : [`P6: found ${names}`];
      if (!isWhole(world, "/efi/os_2.efi", entry)) problems.push("P5: done, and the entry is not whole");
      return problems;
    },
  };
}

const run = (without?: Part, crashes: number = 1): Promise<ExploreReport> =>
  explore(scenario(without), { seed, statesPerCrash: 300, crashes });

describe("exploring a toy installation", () => {
  test("the right order has no violation, with a crash at every call and one in every recovery", async () => {
    const report = await run(undefined, 2);
    assert.equal(report.violations, 0, describeReport(report));
    assert.equal(report.crashPointsCovered, report.crashPoints);
    assert.ok(report.distinctStates > 30, describeReport(report));
    assert.equal(report.stoppedEarly, false);
  });

  for (const part of ["sync image", "sync image folder", "sync entry", "sync entry folder", "repair"] as const) {
    test(`leaving out "${part}" is found`, async () => {
      const report = await run(part);
      assert.ok(report.violations > 0, describeReport(report));
      assert.ok((report.shortest?.schedule.length ?? 0) > 0);
      assert.match(describeReport(report), new RegExp(`seed ${seed}`));
    });
  }

  test("one seed explores the same states twice", async () => {
    assert.deepEqual(await run("sync entry", 2), await run("sync entry", 2));
  });

  test("work that fails without any crash is a violation with an empty schedule", async () => {
    const report = await explore(
      { ...scenario(), work: (): Promise<void> => Promise.reject(new Error("no reason")) },
      { seed, statesPerCrash: 10 },
    );
    assert.deepEqual(report.shortest?.schedule, []);
    assert.match(report.shortest?.what[0] ?? "", /no reason/);
  });

  test("after a fault the work may give up, but the next run finishes", async () => {
    for (const name of ["sync", "write", "rename", "syncFolder"]) {
      const report = await explore(
        { ...scenario(), name, faults: [{ port: "disk", name, code: "io-error", reached: "part" }] },
        { seed, statesPerCrash: 300 },
      );
      assert.equal(report.violations, 0, describeReport(report));
    }
  });

  test("a limit of states stops the exploration, and the report says so", async () => {
    const report = await explore(scenario(), { seed, statesPerCrash: 300, crashes: 2, maxStates: 5 });
    assert.equal(report.stoppedEarly, true);
    assert.equal(report.distinctStates, 5);
  });
});
