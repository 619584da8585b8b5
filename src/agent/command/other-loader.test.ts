import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { updateMachine } from "./update.ts";

test("on a machine that another loader starts, an update to a named version is done with a finding: what boots next cannot be told", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  world.variables.set("LoaderInfo", "GRUB 2.12");
  const report = await updateMachine(sessionOn(world).session, { version: "2" });
  assert.equal(report.outcome, "done-with-finding");
  assert.deepEqual(
    report.findings.map(({ code }) => code),
    ["other-loader"],
  );
});
