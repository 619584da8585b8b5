import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { updateMachine } from "../command/update.ts";
import { observe } from "./observe.ts";

const folder = "/efi/EFI/Linux";

/** Version 2 runs its first counted boot; os-release says nothing. */
async function running(selected: string): Promise<readonly [string | undefined, boolean]> {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1", "2"], offered: ["2"] });
  world.tree.shift(`${folder}/os_2.efi`, `${folder}/os_2+2-1.efi`);
  world.tree.plant("/etc/os-release", "ID=demo\n");
  world.variables.set("LoaderEntrySelected", selected);
  const { situation } = await observe(sessionOn(world).session, { catalog: false });
  return [situation.running.version, situation.running.onTrial];
}

test("the running version is known whichever way the loader names its entry", async () => {
  for (const selected of ["os_2.efi", "OS_2.EFI", "os_2+3-0.efi", "os_2+3.efi", "os_2+2-1.efi", "os_2.efi@1"])
    assert.deepEqual(await running(selected), ["2", true], selected);
});

test("an entry that is not there tells nothing but that the one on trial may be running", async () => {
  for (const selected of ["", "os_3.efi", "@1", "+3-0.efi"])
    assert.deepEqual(await running(selected), [undefined, true], selected);
});

test("what may be running on trial is not replaced under itself where nothing says what runs", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1", "2"], offered: ["1", "2", "3"] });
  world.tree.shift(`${folder}/os_2.efi`, `${folder}/os_2+2-1.efi`);
  world.tree.plant("/etc/os-release", "ID=demo\n");
  world.variables.clear();
  await assert.rejects(updateMachine(sessionOn(world).session), { code: "on-trial" });
  assert.deepEqual(world.tree.namesIn("/images"), ["os_1.img", "os_2.img"]);
  // Its tries are used up: the loader goes back by itself, and so it does not stay like this.
  world.tree.shift(`${folder}/os_2+2-1.efi`, `${folder}/os_2+0-3.efi`);
  assert.equal((await updateMachine(sessionOn(world).session)).outcome, "done");
});
