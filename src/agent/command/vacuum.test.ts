import assert from "node:assert/strict";
import { test } from "node:test";
import { SimCrash } from "../../sim/call-gate.ts";
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

test("of a version found damaged the repository still tells, after a vacuum that was cut off, that it is", async () => {
  const sample = sampleMachine({ seed: 1, layout: "files", installed: ["1", "2", "3"], offered: ["1", "2", "3"] });
  const { world } = sample;
  world.tree.corrupt("/images/os_2.img", 5_000);
  const first = world.run();
  first.gate.beforeCall = (call): void => {
    // The first removal: by now everything has been read and recorded.
    if (call.name === "remove" && call.subject.startsWith("/efi/")) throw new SimCrash(call);
  };
  await assert.rejects(
    vacuumMachine({ machine: first.machine, settings: { live: true }, signal: AbortSignal.any([]) }),
  );
  world.restart();
  await vacuumMachine(sessionOn(world).session);
  assert.deepEqual(world.tree.namesIn("/images"), ["os_1.img", "os_3.img"]);
});

for (const [layout, last] of [
  ["files", "it is running"],
  ["trees", "it is in use"],
] as const)
  test(`of every version that stays vacuum says why (${layout})`, async () => {
    const { world } = sampleMachine({ seed: 1, layout, installed: ["1", "2", "3"], offered: ["1", "2", "3"] });
    world.tree.plant("/var/lib/holdfast/pins/1.json", `{"format":1,"version":"1","atMs":1}\n`);
    const { kept } = await vacuumMachine(sessionOn(world).session);
    assert.deepEqual(
      kept.map(({ version, because }) => `${version}: ${because}`),
      ["1: it is pinned", "2: it is the way back", `3: ${last}`],
    );
  });
