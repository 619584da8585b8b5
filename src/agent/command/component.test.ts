import assert from "node:assert/strict";
import { test } from "node:test";
import type { SimWorld } from "../../sim/machine.ts";
import { sampleOf } from "../../sim/scenario/listed.ts";
import { transfersOf } from "../../sim/scenario/sample-definitions.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import type { Session } from "../session.ts";
import { doctorMachine } from "./doctor.ts";
import { holdUpdates, releaseHold } from "./pins.ts";
import { statusReport } from "./status.ts";
import { vacuumMachine } from "./vacuum.ts";

/** An OS that runs its version 1, and a component of it, of which version 1 is there and version 2 in use. */
function withComponent(): { readonly world: SimWorld; readonly session: Session } {
  const { world } = sampleOf(1, "files", ["1"], ["1"]);
  for (const [name, text] of transfersOf({ seed: 1, layout: "trees", installed: [], offered: [] }))
    world.tree.plant(`/usr/lib/sysupdate.app.d/${name}.transfer`, text);
  for (const version of ["1", "2"]) world.tree.plant(`/apps/app_${version}/program`, version);
  world.tree.plantLink("/apps/current", "app_2");
  return { world, session: sessionOn(world, { component: "app" }).session };
}

test("of a component the version that its link points at is in use, whatever version of the OS runs", async () => {
  const { running, runningBecause, bootsNext, menu, bootsThen } = await statusReport(withComponent().session);
  assert.deepEqual([running, runningBecause], ["2", "its link points there"]);
  assert.deepEqual([bootsNext, menu, bootsThen], [undefined, [], []]);
  const { world } = withComponent();
  const { kept } = await vacuumMachine(sessionOn(world, { component: "app" }).session);
  assert.equal(kept.find(({ version }) => version === "2")?.because, "it is in use");
});

test("the OS's boot entries are not another system's, and nobody expects its os-release to know the component", async () => {
  const { findings } = await doctorMachine(withComponent().session, { deep: false, repair: false });
  const codes = new Set(findings.map(({ code }) => code));
  assert.ok(!codes.has("foreign-entry") && !codes.has("unknown-running-version"), [...codes].join());
});

test("a component that is not there is said to be none, and nothing is kept of it", async () => {
  const { world } = withComponent();
  const { session } = sessionOn(world, { component: "none" });
  const before = world.key();
  for (const run of [statusReport(session), holdUpdates(session, undefined), releaseHold(session)])
    await assert.rejects(run, { message: /^Cannot find the component none: there are no definitions in / });
  assert.equal(world.key(), before);
});
