import assert from "node:assert/strict";
import { test } from "node:test";
import type { Content } from "../../sim/disk/content.ts";
import { entryPath, imagePath, sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { type SampleSession, sessionOn } from "../../sim/scenario/session.fixture.ts";
import type { SimWorld } from "../../sim/machine.ts";
import { vacuumMachine } from "../command/vacuum.ts";
import { updateMachine } from "../command/update.ts";

const newcomer = entryPath("os_1+1-0.efi");

/** Somebody else adds an entry that needs the image of version 1, once the ESP has been opened for our own changes. */
function meddle(run: SampleSession, world: SimWorld): void {
  run.gate.beforeCall = ({ name, subject }) => {
    if (name !== "replace" || !subject.includes("esp-open.json")) return;
    run.gate.beforeCall = undefined;
    world.tree.plant(newcomer, world.tree.peek(entryPath("os_1.efi")) as Content);
  };
}

test("an update does not take an image from under an entry that came meanwhile (P2, P11)", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1", "2"], offered: ["2", "3"] });
  const run = sessionOn(world, { instancesMax: 2 });
  meddle(run, world);
  await assert.rejects(updateMachine(run.session), { code: "removal-refused", kind: "refused" });
  assert.notEqual(await run.session.machine.disk.stat(imagePath("1")), undefined);
  assert.notEqual(await run.session.machine.disk.stat(entryPath("os_3+3-0.efi")), undefined);
});

test("nor does a vacuum", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1", "2", "3"], offered: ["3"] });
  const run = sessionOn(world, { instancesMax: 2 });
  meddle(run, world);
  await assert.rejects(vacuumMachine(run.session), { code: "removal-refused", kind: "refused" });
  assert.notEqual(await run.session.machine.disk.stat(imagePath("1")), undefined);
});
