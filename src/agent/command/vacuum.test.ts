import assert from "node:assert/strict";
import { test } from "node:test";
import { Content } from "../../sim/disk/content.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { vacuumMachine } from "./vacuum.ts";

test("a download for a partition that nobody goes on with is swept away by vacuum", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "slots", installed: ["1"], offered: ["1"] });
  const abandoned = "/var/lib/holdfast/staging/.holdfast-0123456789abcdef";
  world.tree.plant(abandoned, Content.text("half of something"));
  const { session } = sessionOn(world);
  const report = await vacuumMachine(session);
  assert.equal(report.sweptLeftovers, 1);
  assert.equal(await session.machine.disk.stat(abandoned), undefined);
});
