import assert from "node:assert/strict";
import { test } from "node:test";
import type { SimWorld } from "../../sim/machine.ts";
import { update } from "../../sim/scenario/commands.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { observe } from "../observe/observe.ts";
import { versionToRevive } from "./revive.ts";

const folder = "/efi/EFI/Linux";

/** Versions 1 and 2 under the names given; 2 runs. */
function machine(first: string, second: string): SimWorld {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1", "2"], offered: ["1", "2", "3"] });
  if (first !== "os_1.efi") world.tree.shift(`${folder}/os_1.efi`, `${folder}/${first}`);
  if (second !== "os_2.efi") world.tree.shift(`${folder}/os_2.efi`, `${folder}/${second}`);
  return world;
}

async function revived(world: SimWorld): Promise<string | undefined> {
  return versionToRevive(await observe(sessionOn(world).session, { catalog: false }));
}

test("where every entry is marked bad the one that runs is to boot again; where not, none", async () => {
  assert.equal(await revived(machine("os_1+0-3.efi", "os_2+0-3.efi")), "2");
  assert.equal(await revived(machine("os_1.efi", "os_2+0-3.efi")), undefined);
  assert.equal(await revived(machine("os_1+0-3.efi", "os_2+1-2.efi")), undefined);
  const unknown = machine("os_1+0-3.efi", "os_2+0-3.efi");
  unknown.variables.clear();
  unknown.tree.plant("/etc/os-release", "ID=demo\n");
  assert.equal(await revived(unknown), "1", "the newest is what keeps failing");
});

test("a running version that was found bad comes behind one that was good once", async () => {
  const world = machine("os_1+0-3.efi", "os_2+0-3.efi");
  const observation = await observe(sessionOn(world).session, { catalog: false });
  assert.equal(versionToRevive(observation, { runsBadly: true }), "1");
  assert.equal(versionToRevive(observation, { runsBadly: true, knownGood: ["os_2.efi"] }), "1");
  assert.equal(versionToRevive(observation, { knownGood: ["os_1.efi"] }), "2");
  const unknown = machine("os_1+0-3.efi", "os_2+0-3.efi");
  unknown.variables.clear();
  unknown.tree.plant("/etc/os-release", "ID=demo\n");
  const foreign = await observe(sessionOn(unknown).session, { catalog: false });
  assert.equal(versionToRevive(foreign, { knownGood: ["os_9.efi", "os_2.efi"] }), "2");
});

test("an update of such a machine needs nobody: what runs becomes the way back of the new version", async () => {
  const world = machine("os_1+0-3.efi", "os_2+0-3.efi");
  await update(world.run().machine);
  assert.deepEqual(
    world.tree.namesIn(folder).filter((name) => name.endsWith(".efi")),
    ["os_2.efi", "os_3+3-0.efi"],
  );
});
