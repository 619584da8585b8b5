import assert from "node:assert/strict";
import { test } from "node:test";
import type { SimWorld } from "../../sim/machine.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { bareWorld, sessionOn } from "../../sim/scenario/session.fixture.ts";
import { cleanUp, type CleanupReport } from "./cleanup.ts";
import type { Settings } from "../session.ts";
import { updateMachine } from "./update.ts";

function transfer(name: string): string {
  return (
    `[Transfer]\nVerify=no\n[Source]\nType=regular-file\nPath=/source\nMatchPattern=${name}-@v.bin\n` +
    `[Target]\nType=regular-file\nPath=/target\nMatchPattern=${name}-@v.bin\n`
  );
}

/** Components `app` and `lib` without boot entries, each with one file installed by Holdfast. */
async function installedWorld(): Promise<SimWorld> {
  const world = bareWorld();
  for (const component of ["app", "lib"]) {
    world.tree.plant(`/etc/sysupdate.${component}.d/10.transfer`, transfer(component));
    world.tree.plant(`/source/${component}-1.bin`, component);
    await updateMachine(sessionOn(world, { component }).session);
  }
  return world;
}

async function clean(world: SimWorld, settings: Partial<Settings>, all = false): Promise<CleanupReport> {
  return cleanUp(sessionOn(world, settings).session, { all });
}

async function forget(world: SimWorld, path: string): Promise<void> {
  await world.run().machine.disk.remove(path);
}

test("nothing goes while its definition is there", async () => {
  const world = await installedWorld();
  assert.deepEqual(await clean(world, {}, true), { removed: [], kept: [] });
  assert.deepEqual(world.tree.namesIn("/target"), ["app-1.bin", "lib-1.bin"]);
});

test("what no definition owns any more goes, of the chosen component or of all", async () => {
  const world = await installedWorld();
  for (const component of ["app", "lib"]) await forget(world, `/etc/sysupdate.${component}.d/10.transfer`);
  assert.deepEqual(await clean(world, {}), { removed: [], kept: [] });
  assert.deepEqual(await clean(world, { component: "app" }), { removed: ["app-1.bin"], kept: [] });
  assert.deepEqual(await clean(world, {}, true), { removed: ["lib-1.bin"], kept: [] });
  assert.deepEqual(world.tree.namesIn("/var/lib/systemd/sysupdate/installdb.app"), []);
  assert.deepEqual(world.tree.namesIn("/var/lib/holdfast/components/app/versions"), []);
});

test("what another component installs under the same name stays", async () => {
  const world = await installedWorld();
  await forget(world, "/etc/sysupdate.app.d/10.transfer");
  world.tree.plant("/etc/sysupdate.lib.d/20.transfer", transfer("app"));
  assert.deepEqual(await clean(world, { component: "app" }), { removed: [], kept: [] });
  assert.deepEqual(world.tree.namesIn("/target"), ["app-1.bin", "lib-1.bin"]);
});

test("what a version with a boot entry was installed with stays (P2)", async () => {
  const { world } = sampleMachine({ seed: 7, layout: "files", installed: ["1"], offered: ["1", "2"] });
  await updateMachine(sessionOn(world).session);
  await forget(world, "/usr/lib/sysupdate.d/10-root.transfer");
  const report = await clean(world, {});
  assert.deepEqual(report.removed, []);
  assert.deepEqual(report.kept.toSorted(), ["os_1.img", "os_2.img"]);
  assert.deepEqual(world.tree.namesIn("/images"), ["os_1.img", "os_2.img"]);
});
