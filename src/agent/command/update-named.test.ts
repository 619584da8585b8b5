import assert from "node:assert/strict";
import { test } from "node:test";
import type { Content } from "../../sim/disk/content.ts";
import { rollbackTo, update, updateTo } from "../../sim/scenario/commands.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";

const passedOver = "/var/lib/holdfast/quarantine";

test("a version that is named again after the switch to it was cut off is no longer passed over", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  await update(world.run().machine);
  await rollbackTo("1")(world.run().machine);
  const record = world.tree.peek(`${passedOver}/2.json`) as Content;
  await updateTo("2")(world.run().machine);
  assert.deepEqual(world.tree.namesIn(passedOver), []);
  // The entry had its name back, and then Holdfast was killed (found by the kill campaign).
  world.tree.plant(`${passedOver}/2.json`, record);
  await updateTo("2")(world.run().machine);
  assert.deepEqual(world.tree.namesIn(passedOver), []);
});
