import assert from "node:assert/strict";
import { test } from "node:test";
import { repair, update } from "../../sim/scenario/commands.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";

test("an entry that a power cut took in the middle of its repair is brought in again: the record tells of it", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  await update(world.run().machine);
  world.tree.uproot("/efi/EFI/Linux/os_1.efi");
  await repair(world.run().machine);
  assert.ok(world.tree.namesIn("/efi/EFI/Linux").some((name) => name.startsWith("os_1")));
});
