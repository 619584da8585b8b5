import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleOf } from "../../sim/scenario/listed.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { checkReport } from "./check.ts";
import { updateMachine } from "./update.ts";

test("what there is to download is what the plan says, where a delta starts from what is here", async () => {
  const { world } = sampleOf(1, "files", ["1"], ["1", "2"], { index: true, deltas: true });
  const { downloadBytes, wholeBytes = 0, downloadIsAtMost, diskBytes } = await checkReport(sessionOn(world).session);
  const plan = await updateMachine(sessionOn(world).session, { dryRun: true });
  assert.equal(downloadBytes, plan.downloadBytes);
  assert.ok(downloadBytes !== undefined && downloadBytes < wholeBytes / 2, `${downloadBytes} of ${wholeBytes}`);
  assert.deepEqual([wholeBytes, downloadIsAtMost], [diskBytes, undefined]);
});

test("where there is no delta from what is here, whole files are counted", async () => {
  const { world } = sampleOf(1, "files", ["1"], ["1", "3"], { index: true });
  const report = await checkReport(sessionOn(world).session);
  assert.equal(report.downloadBytes, report.diskBytes);
  assert.equal(report.wholeBytes, undefined);
});

test("a hold changes nothing about what there is to download", async () => {
  const { world } = sampleOf(1, "files", ["1"], ["1", "2"], { index: true, deltas: true });
  const free = await checkReport(sessionOn(world).session);
  world.tree.plant("/var/lib/holdfast/hold.json", '{"format":1,"sinceMs":1}');
  await assert.rejects(updateMachine(sessionOn(world).session, {}), { code: "held" });
  const held = await checkReport(sessionOn(world).session);
  assert.equal(held.downloadBytes, free.downloadBytes);
});
