// States that an updater must get out of by itself: the KDE Linux incident of March 2026, every entry marked bad, two
// names of one entry, and what systemd-sysupdate leaves behind (incidents E1 to E4; P6: no state needs a human).
import assert from "node:assert/strict";
import { copyFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { DoctorReport, StatusReport } from "../../src/wire/reports.ts";
import { imagePath } from "../../tools/lab/machine-tree.ts";
import { fileOf, type LabRelease } from "../../tools/lab/release.ts";
import { json } from "./run.ts";
import { type Scene, type SceneOptions, World } from "./world.ts";

let world: World;
let one: LabRelease;
let two: LabRelease;
let three: LabRelease;
let four: LabRelease;
before(async () => {
  world = await World.create();
  [one, two, three, four] = await world.releases(["1", "2", "3", "4"], { index: true });
});
after(async () => world[Symbol.asyncDispose]());

async function doctor(scene: Scene, code: number, ...args: readonly string[]): Promise<DoctorReport> {
  return json(await scene.expect(code, ["doctor", "--json", ...args])) as DoctorReport;
}

function errorsOf(report: DoctorReport): readonly (readonly [string, string])[] {
  return report.findings
    .filter(({ severity }) => severity === "error")
    .map(({ code, subject }) => [code, subject] as const);
}

async function bootsNext(scene: Scene): Promise<string | undefined> {
  return (json(await scene.expect(0, ["status", "--json"])) as StatusReport).bootsNext;
}

/** Version 1 is fine and runs; 2 has its chunk index and its boot entry, and no image. */
async function incident(options: SceneOptions = {}): Promise<Scene> {
  const scene = await world.scene({ offered: [one, two], installed: [one], index: true, ...options });
  await copyFile(fileOf(two, "index").path, join(scene.machine.system, "os_2.erofs.caibx"));
  await copyFile(fileOf(two, "entry").path, join(scene.machine.entries, "os_2+3-0.efi"));
  return scene;
}

suite("An entry without its image (KDE Linux, March 2026)", { concurrency: 2 }, () => {
  test("is made whole by a plain update", async () => {
    await using scene = await incident();
    await scene.assertHeals(["1", "2"], two);
    assert.equal(await bootsNext(scene), "2");
  });

  test("is named by doctor, in words and in JSON", async () => {
    await using scene = await incident();
    const ended = await scene.expect(7, ["doctor"]);
    assert.match(ended.stdout, /^1 error found\.\n/);
    assert.match(
      ended.stdout,
      /error: The boot entry os_2\+3-0\.efi needs something that is not there: version\s+2 of 20-root \[entry-without-image\]/,
    );
    assert.deepEqual(errorsOf(await doctor(scene, 7)), [["entry-without-image", "os_2+3-0.efi"]]);
    assert.equal((await scene.audit(two)).broken.length, 1);
  });

  test("is mended by doctor --repair from the repository", async () => {
    await using scene = await incident();
    const report = await doctor(scene, 0, "--repair");
    assert.deepEqual(report.repaired, ["Version 2 was damaged and is whole again."]);
    await scene.assertBootable(["1", "2"], two);
    assert.deepEqual((await scene.audit(two)).leftovers, []);
  });

  for (const [title, path] of [
    ["does not answer", /./],
    ["has lost the image", /^\/os_2\.erofs$/],
  ] as const) {
    test(`leaves the menu, and nothing else goes, when doctor --repair finds that the repository ${title}`, async () => {
      await using scene = await incident();
      scene.server.misbehave({ path, status: 404 }, { path, status: 404, method: "HEAD" });
      const report = await doctor(scene, 7, "--repair");
      assert.deepEqual(report.repaired, [
        "The boot entry of version 2 was removed, so that nothing damaged is started; the rest of it stays.",
      ]);
      assert.deepEqual(errorsOf(report), [["not-repaired", "2"]]);
      await scene.assertBootable(["1"], two);
      assert.deepEqual((await readdir(scene.machine.system)).toSorted(), [
        "os_1.erofs",
        "os_1.erofs.caibx",
        "os_2.erofs.caibx",
      ]);
      scene.server.heal();
      await scene.assertHeals(["1", "2"], two);
    });
  }

  test("is removed by doctor --repair when the repository does not offer the version", async () => {
    await using scene = await incident({ offered: [one] });
    const report = await doctor(scene, 0, "--repair");
    assert.match(report.repaired[0] ?? "", /^Version 2 could not be repaired and was removed, its boot entry first: /);
    await scene.assertBootable(["1"], two);
    assert.deepEqual(await readdir(scene.machine.system), ["os_1.erofs", "os_1.erofs.caibx"]);
  });

  test("gives way to a newer version", async () => {
    await using scene = await incident({ offered: [one, two, three] });
    await scene.assertHeals(["1", "3"], two, three);
    assert.deepEqual((await readdir(scene.machine.system)).toSorted(), [
      "os_1.erofs",
      "os_1.erofs.caibx",
      "os_3.erofs",
      "os_3.erofs.caibx",
    ]);
  });

  test("gives way to a newer version although nobody offers it any more", async () => {
    await using scene = await incident({ offered: [one, three] });
    await scene.assertHeals(["1", "3"], two, three);
  });

  test("is hidden while it is made whole, so that an interruption leaves nothing broken (P1)", async () => {
    await using scene = await incident();
    scene.server.misbehave({ path: "/os_2.erofs", status: 404 });
    for (const run of [1, 2]) {
      await scene.expect(1, ["update"]);
      await scene.assertBootable(["1"], two);
      assert.equal(await bootsNext(scene), "1", `after run ${run}`);
    }
    scene.server.heal();
    await scene.assertHeals(["1", "2"], two);
  });

  test("is still named by doctor after it has read what is there", async () => {
    await using scene = await incident();
    scene.server.misbehave({ path: "/os_2.erofs", status: 404 }, { path: "/os_2.erofs", status: 404, method: "HEAD" });
    await scene.expect(1, ["update"]);
    assert.deepEqual(errorsOf(await doctor(scene, 7, "--deep")), [["entry-without-image", "os_2+3-0.efi"]]);
    assert.deepEqual(errorsOf(await doctor(scene, 7)), [["entry-without-image", "os_2+3-0.efi"]]);
  });
});

suite("Every entry marked bad (E3)", { concurrency: 2 }, () => {
  async function allBad(options: SceneOptions = {}): Promise<Scene> {
    const scene = await world.scene({
      offered: [one, two, three],
      installed: [one, two, three],
      index: true,
      instancesMax: 3,
      ...options,
    });
    for (const version of ["1", "2", "3"])
      await rename(
        join(scene.machine.entries, `os_${version}.efi`),
        join(scene.machine.entries, `os_${version}+0-3.efi`),
      );
    return scene;
  }

  test("is named by doctor", async () => {
    await using scene = await allBad();
    assert.deepEqual(errorsOf(await doctor(scene, 7)), [["all-entries-bad", "os_3+0-3.efi"]]);
  });

  test("doctor --repair lets the version boot that runs", async () => {
    await using scene = await allBad({ running: "2" });
    await doctor(scene, 0, "--repair");
    assert.equal(await bootsNext(scene), "2");
    await scene.assertBootable(["1", "2", "3"]);
  });

  test("doctor --repair lets the newest boot but the one that keeps failing, when nobody knows what runs", async () => {
    await using scene = await allBad({ running: "elsewhere" });
    await doctor(scene, 0, "--repair");
    assert.equal(await bootsNext(scene), "2");
  });

  test("doctor --repair passes over a version whose image is gone", async () => {
    await using scene = await allBad({ running: "elsewhere", offered: [] });
    await rm(imagePath(scene.machine, three));
    await rm(imagePath(scene.machine, two));
    scene.server.misbehave({ path: /./, status: 404 });
    const report = await doctor(scene, 7, "--repair");
    assert.deepEqual(errorsOf(report), [
      ["not-repaired", "3"],
      ["not-repaired", "2"],
    ]);
    assert.equal(await bootsNext(scene), "1");
    await scene.assertBootable(["1"]);
  });

  test("a plain update to a newer version is what boots next", async () => {
    await using scene = await allBad({ running: "2", offered: [one, two, three, four] });
    await scene.expect(0, ["update"]);
    assert.equal(await bootsNext(scene), "4");
    const { broken, bootable } = await scene.audit(four);
    assert.deepEqual(broken, []);
    assert.ok(bootable.includes("2"));
  });
});

suite("Entries and files of others", { concurrency: 2 }, () => {
  test("two names of one entry are named, and repaired to one", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one, two], index: true });
    await copyFile(fileOf(two, "entry").path, join(scene.machine.entries, "os_2+3-0.efi"));
    assert.deepEqual(errorsOf(await doctor(scene, 7)), [["two-names-of-one-entry", "os_2.efi"]]);
    await doctor(scene, 0, "--repair");
    await scene.assertBootable(["1", "2"]);
    assert.equal((await scene.audit()).entries.length, 2);
  });

  const leftovers = [
    "system/.sysupdate.partial.os_2.erofs",
    "system/.sysupdate.pending.os_2.erofs",
    "system/.sysupdate.pending.os_2.erofs.caibx",
    "system/.#sysupdateos_2.erofs0123456789abcdef",
    "system/.holdfast-0123456789abcdef",
    "efi/EFI/Linux/.sysupdate.partial.os_2.efi",
    "efi/EFI/Linux/.sysupdate.pending.os_2+3-0.efi",
    "efi/EFI/Linux/.#sysupdateos_2.efi0123456789abcdef",
    "efi/EFI/Linux/.holdfast-fedcba9876543210",
  ];
  const foreign = ["efi/EFI/Linux/arch.efi", "efi/EFI/Linux/os_notes.txt", "system/readme", "system/.sysupdate"];

  async function littered(): Promise<Scene> {
    const scene = await world.scene({ offered: [one, two], installed: [one], index: true });
    for (const path of [...leftovers, ...foreign]) await writeFile(join(scene.machine.root, path), "left over");
    return scene;
  }

  test("what systemd-sysupdate left is named by doctor and swept by vacuum, foreign files stay", async () => {
    await using scene = await littered();
    const report = await doctor(scene, 0);
    assert.deepEqual(
      report.findings
        .filter(({ code }) => code === "left-over")
        .map(({ subject }) => subject.slice(1))
        .toSorted(),
      leftovers.toSorted(),
    );
    await scene.expect(0, ["vacuum"]);
    assert.deepEqual((await scene.audit()).leftovers, foreign.toSorted());
  });

  test("what systemd-sysupdate left is swept by an update, foreign files stay", async () => {
    await using scene = await littered();
    await scene.expect(0, ["update"]);
    await scene.assertBootable(["1", "2"], two);
    assert.deepEqual((await scene.audit(two)).leftovers, foreign.toSorted());
  });
});
