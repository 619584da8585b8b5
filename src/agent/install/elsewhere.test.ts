import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { SimWorld } from "../../sim/machine.ts";
import { SimCrash } from "../../sim/call-gate.ts";
import { update, updateTo } from "../../sim/scenario/commands.ts";
import { booted, did, sampleOf } from "../../sim/scenario/listed.ts";
import { redefine } from "../../sim/scenario/sample-definitions.ts";

/** v1 and v2 in /images, and since then the definition says /pool. */
async function moved(): Promise<SimWorld> {
  const sample = sampleOf(1, "files", ["1"], ["1", "2", "3"]);
  await did(updateTo("2"))(sample);
  await booted(sample);
  redefine(sample.world, "10-root", (text) => text.replace("Path=/images", "Path=/pool"));
  return sample.world;
}

describe("what a version has where its definition no longer looks", () => {
  test("goes with it, and what stays keeps its own", async () => {
    const world = await moved();
    await update(world.run().machine);
    assert.deepEqual(world.tree.namesIn("/images"), ["os_2.img"]);
    assert.deepEqual(world.tree.namesIn("/pool"), ["os_3.img"]);
  });

  test("goes in the next run when the power is cut before", async () => {
    const world = await moved();
    const { machine, gate } = world.run();
    gate.beforeCall = (call): void => {
      if (call.name === "remove" && call.subject === "/images/os_1.img") throw new SimCrash(call);
    };
    await assert.rejects(update(machine), SimCrash);
    const after = world.fork();
    await update(after.run().machine);
    assert.deepEqual(after.tree.namesIn("/images"), ["os_2.img"]);
  });

  test("stays when something else has its name", async () => {
    const world = await moved();
    world.tree.plant("/images/os_1.img", "not ours");
    await update(world.run().machine);
    assert.deepEqual(world.tree.namesIn("/images"), ["os_1.img", "os_2.img"]);
  });
});
