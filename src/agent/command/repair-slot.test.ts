import assert from "node:assert/strict";
import { test } from "node:test";
import type { SimWorld } from "../../sim/machine.ts";
import { everything, cutOff } from "../../sim/scenario/cut-off.ts";
import { repair, update, vacuum } from "../../sim/scenario/commands.ts";
import {
  buildNamed,
  plantEntry,
  sampleMachine,
  type Sample,
  type SampleOptions,
} from "../../sim/scenario/sample-machine.ts";

/** Version 2 is in the menu, and no partition holds it. */
function orphaned(more: Partial<SampleOptions> = {}): Sample {
  const sample = sampleMachine({ seed: 1, layout: "slots", installed: ["1"], offered: ["1", "2"], ...more });
  plantEntry(sample.world, buildNamed(sample, "2"), "os_2+3-0");
  return sample;
}

function text(world: SimWorld, path: string): string {
  const found = world.tree.peek(path);
  return found === undefined || found === "unreadable" ? "" : new TextDecoder().decode(found.bytes());
}

test("what a partition holds is recorded before a repair gives it its name: it may run after a power cut", async () => {
  const record = "/var/lib/holdfast/versions/2.json";
  let names = 0;
  const after = await cutOff(
    repair,
    // Its type is that of a half first, then the version's own.
    ({ name }) => name === "changeTable.half" && ++names === 2,
    everything,
  )(orphaned({ compression: "xz" }));
  assert.match(text(after, record), /"transfer":\s*"10-root"/);
  await repair(after.run().machine);
  assert.match(text(after, record), /"transfer":\s*"10-root"/);
});

test("how far a partition was filled is forgotten once it is repaired", async () => {
  const { world } = orphaned();
  await repair(world.run().machine);
  assert.deepEqual(world.tree.namesIn("/var/lib/holdfast/staging"), []);
});

test("how far a partition was filled is forgotten when it is swept", async () => {
  const sample = sampleMachine({ seed: 1, layout: "slots", installed: ["1"], offered: ["1", "2"] });
  const filled = await cutOff(
    update,
    ({ name, subject }) => name === "open" && /^\/efi\/.*\.holdfast-/.test(subject),
    everything,
  )(sample);
  assert.equal(filled.tree.namesIn("/var/lib/holdfast/staging").length, 1);
  await vacuum(filled.run().machine);
  assert.deepEqual(filled.tree.namesIn("/var/lib/holdfast/staging"), []);
});

test("the running image that an installer wrote into a partition stays as it is where only a packed one is offered", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "slots", installed: ["1"], offered: ["1"], compression: "xz" });
  const before = world.devices.key();
  await update(world.run().machine);
  assert.equal(world.devices.key(), before);
  assert.deepEqual(world.tree.namesIn("/var/lib/holdfast/staging"), []);
});
