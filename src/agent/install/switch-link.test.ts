import assert from "node:assert/strict";
import { test } from "node:test";
import { bareWorld, sessionOn, undecided } from "../../sim/scenario/session.fixture.ts";
import { SimCrash } from "../../sim/call-gate.ts";
import { switchLink } from "./install.ts";

test("what a power cut left of an earlier switch goes with the next one", async () => {
  const world = bareWorld({ "/apps/app_1/version": "1", "/apps/app_2/version": "2", "/apps/current": "->app_1" });
  const first = sessionOn(world);
  first.gate.beforeCall = (call): void => {
    if (call.name === "replace") throw new SimCrash(call);
  };
  await assert.rejects(switchLink(first.session, "/apps/current", "/apps/app_2"), SimCrash);
  assert.equal(world.tree.namesIn("/apps").length, 4);
  await switchLink(sessionOn(world).session, "/apps/current", "/apps/app_2");
  assert.deepEqual(world.tree.namesIn("/apps"), ["app_1", "app_2", "current"]);
  assert.deepEqual(undecided(world), []);
});
