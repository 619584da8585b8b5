// The way back is proven before an update begins, repaired where that can be done, and never the price of a failure
// (P3, P4; peers.md: a failed update with two versions installed costs the fallback, 12 times of 12).
import assert from "node:assert/strict";
import { chmod, rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { HistoryLine, StatusReport, UpdateReport } from "../../src/wire/reports.ts";
import { imagePath, installRelease } from "../../tools/lab/machine-tree.ts";
import { osRelease } from "../../tools/lab/small-release.ts";
import type { LabRelease } from "../../tools/lab/release.ts";
import { json, reason } from "./run.ts";
import { type Scene, World } from "./world.ts";

let world: World;
let one: LabRelease;
let two: LabRelease;
let three: LabRelease;
let bigThree: LabRelease;
before(async () => {
  world = await World.create();
  [one, two, three] = await world.releases(["1", "2", "3"]);
  bigThree = await world.release("3", { imageBytes: 6 << 20 });
});
after(async () => world[Symbol.asyncDispose]());

async function damage(path: string): Promise<void> {
  await chmod(path, 0o644);
  await truncate(path, 1000);
}

/** 1 and 2 are installed, 2 by Holdfast and found good; it runs. Then 3 comes out, and with it goes 2. */
async function twoRunsAndIsWithdrawn(): Promise<Scene> {
  const scene = await world.scene({ offered: [one, two], installed: [one] });
  await scene.expect(0, ["update"]);
  await rename(join(scene.machine.entries, "os_2+3-0.efi"), join(scene.machine.entries, "os_2.efi"));
  await writeFile(join(scene.machine.root, "usr/lib/os-release"), osRelease("os", "2"));
  await scene.repository.withdraw(two);
  await scene.repository.publish(three);
  return scene;
}

suite("A damaged way back", { concurrency: 2 }, () => {
  test("is repaired from the repository before the update begins", async () => {
    await using scene = await world.scene({ offered: [one, two, three], installed: [one, two] });
    await damage(imagePath(scene.machine, two));
    await scene.assertHeals(["2", "3"], three);
    const history = json(await scene.expect(0, ["history", "--json"])) as readonly HistoryLine[];
    assert.deepEqual(
      history.filter(({ event }) => event === "repaired").map(({ version, text }) => [version, text]),
      [["2", "Repaired os_2.erofs"]],
    );
  });

  test("is a reason to refuse when it cannot be repaired, and nothing changes", async () => {
    await using scene = await twoRunsAndIsWithdrawn();
    await damage(imagePath(scene.machine, two));
    const ended = await scene.expect(4, ["update"]);
    assert.match(
      reason(ended),
      /^Cannot update: the way back, version 2, is not proven intact \(\/system\/os_2\.erofs: .+\)$/,
    );
    assert.match(ended.stderr, /holdfast update --without-way-back/);
    assert.deepEqual((await scene.audit(two, three)).bootable, ["1"]);
    assert.equal(scene.server.bytesSent("/os_3.erofs"), 0);
  });

  test("does not stop --without-way-back, which is recorded", async () => {
    await using scene = await twoRunsAndIsWithdrawn();
    await damage(imagePath(scene.machine, two));
    const report = json(await scene.expect(0, ["update", "--without-way-back", "--json"])) as UpdateReport;
    assert.equal(report.bootsNext, "3");
    assert.deepEqual((await scene.audit(two, three)).bootable, ["1", "3"]);
    const history = json(await scene.expect(0, ["history", "--json"])) as readonly HistoryLine[];
    assert.deepEqual(
      history.filter(({ event }) => event === "without-way-back").map(({ version }) => version),
      ["2"],
    );
  });

  test("that does not run gives way to the one that does", async () => {
    await using scene = await twoRunsAndIsWithdrawn();
    await writeFile(join(scene.machine.root, "usr/lib/os-release"), osRelease("os", "1"));
    await damage(imagePath(scene.machine, two));
    await scene.expect(0, ["update"]);
    await scene.assertBootable(["1", "3"], two, three);
  });

  test("that nobody vouches for and that does not run is no way back", async () => {
    await using scene = await world.scene({ offered: [one, three], installed: [one, two], running: "1" });
    const ended = await scene.expect(4, ["update"]);
    assert.match(reason(ended), /^Cannot update: the way back, version 2, is not proven intact \(nobody vouches for /);
    await scene.assertBootable(["1", "2"]);
  });

  test("is not needed where there is none, and that is said", async () => {
    await using scene = await world.scene({ offered: [one, two] });
    const ended = await scene.expect(0, ["update"]);
    assert.match(ended.stdout, /There is no way back: nothing else that could boot is installed\./);
    await scene.assertBootable(["2"], two);
  });
});

suite("A failed update with two versions installed costs neither", { concurrency: 2 }, () => {
  test("killed in the middle of the download", async () => {
    await using scene = await world.scene({ offered: [one, two, bigThree], installed: [one, two] });
    scene.server.misbehave({ path: "/os_3.erofs", bytesPerSecond: 4 << 20 });
    const { child, ended } = scene.start(["update"]);
    while (scene.server.bytesSent("/os_3.erofs") < 2 << 20 && child.exitCode === null) await sleep(5);
    child.kill("SIGKILL");
    assert.equal((await ended).signal, "SIGKILL");
    await scene.assertBootable(["1", "2"]);
    scene.server.heal();
    await scene.assertHeals(["2", "3"], bigThree);
  });

  test("failing again and again", async () => {
    await using scene = await world.scene({ offered: [one, two, three], installed: [one, two] });
    scene.server.misbehave({ path: "/os_3.efi", flipByteAt: 5000 });
    for (let run = 0; run < 3; run++) {
      await scene.expect(1, ["update"]);
      await scene.assertBootable(["1", "2"]);
    }
    scene.server.heal();
    await scene.assertHeals(["2", "3"], three);
  });

  test("a third version that was never booted goes first, the running one and its fallback stay", async () => {
    const four = await world.release("4");
    await using scene = await world.scene({ offered: [one, two, three], installed: [one, two] });
    await scene.expect(0, ["update"]);
    await scene.assertBootable(["2", "3"], three);
    await scene.repository.publish(four);
    await scene.assertHeals(["2", "4"], three, four);
    const status = json(await scene.expect(0, ["status", "--json"])) as StatusReport;
    assert.deepEqual([status.bootsNext, status.wayBack], ["4", "2"]);
  });

  test("a pinned version stays whatever comes", async () => {
    const four = await world.release("4");
    await using scene = await world.scene({ offered: [one, two, three], installed: [one, two] });
    await scene.expect(0, ["pin", "1"]);
    await scene.expect(0, ["update"]);
    await scene.assertBootable(["1", "2", "3"], three);
    await scene.repository.publish(four);
    await scene.expect(0, ["update"]);
    await scene.assertBootable(["1", "2", "4"], three, four);
    await scene.expect(0, ["unpin", "1"]);
    await scene.expect(0, ["vacuum"]);
    await scene.assertBootable(["2", "4"], three, four);
  });

  test("an installer that adds a version behind our back changes nothing of that", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one] });
    await scene.expect(0, ["update"]);
    await installRelease(scene.machine, three);
    const ended = await scene.expect(0, ["update"]);
    assert.match(ended.stdout, /^Version 3 is installed and boots next\.\n/);
    await scene.assertBootable(["1", "2", "3"], two, three);
  });
});
