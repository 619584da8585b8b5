import assert from "node:assert/strict";
import { test } from "node:test";
import { update, updateTo } from "../../sim/scenario/commands.ts";
import { booted, did, sampleOf } from "../../sim/scenario/listed.ts";
import type { Sample, SampleOptions } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { checkReport } from "./check.ts";
import { updateMachine } from "./update.ts";

/** 1 runs; 2 was installed after it, and taken back since. */
async function takenBack(offered: readonly string[] = ["1", "2"]): Promise<Sample> {
  const options: Partial<SampleOptions> = { index: true };
  const sample = sampleOf(1, "files", ["1"], ["1", "2"], options);
  await did(updateTo("2"))(sample);
  sample.world.serve(sampleOf(1, "files", ["1"], offered, { ...options, withdrawn: ["2"] }).world.servers);
  return sample;
}

test("a plan says that it goes back from what was taken back, and does nothing", async () => {
  const { world } = await takenBack();
  const { session } = sessionOn(world);
  const entries = world.tree.namesIn("/efi/EFI/Linux");
  const report = await updateMachine(session, { dryRun: true });
  assert.deepEqual([report.outcome, report.from, report.to, report.bootsNext], ["planned", "2", "1", "2"]);
  assert.deepEqual(
    report.steps.map(({ title }) => title),
    ["Make version 1 boot next instead of 2"],
  );
  assert.deepEqual(report.notices, ["Version 2 was taken back by its publisher before it was found good here."]);
  assert.equal(report.wayBack, undefined, "what is left is no way back");
  assert.deepEqual(world.tree.namesIn("/efi/EFI/Linux"), entries);
  await update(world.run().machine);
  assert.equal((await updateMachine(sessionOn(world).session, { dryRun: true })).outcome, "nothing-to-do");
});

test("a plan for something newer goes back first", async () => {
  const { world } = await takenBack(["1", "2", "3"]);
  const report = await updateMachine(sessionOn(world).session, { dryRun: true });
  assert.deepEqual([report.outcome, report.to, report.wayBack], ["planned", "3", "1"]);
  assert.equal(report.steps[0]?.title, "Make version 1 boot next instead of 2");
  assert.ok(report.steps.some(({ kind }) => kind === "acquire"));
});

test("check says that what is installed was taken back", async () => {
  const { world } = await takenBack();
  const { available, because } = await checkReport(sessionOn(world).session);
  assert.equal(available, undefined);
  assert.equal(
    because,
    "Version 2 was taken back by its publisher before it was found good here; an update goes back to 1",
  );
});

test("check says so of a version that was found good here, which stays", async () => {
  const sample = sampleOf(1, "files", ["1"], ["1", "2"], { index: true });
  await did(updateTo("2"))(sample);
  await booted(sample);
  const { world } = sample;
  world.serve(sampleOf(1, "files", ["1"], ["1", "2"], { index: true, withdrawn: ["2"] }).world.servers);
  const { because } = await checkReport(sessionOn(world).session);
  assert.equal(because, "version 2 is installed; its publisher has taken it back, and has nothing newer");
});

test("check says what is newer all the same", async () => {
  const { world } = await takenBack(["1", "2", "3"]);
  const { available, notices } = await checkReport(sessionOn(world).session);
  assert.equal(available, "3");
  assert.deepEqual(notices, ["Version 2 was taken back by its publisher before it was found good here."]);
});
