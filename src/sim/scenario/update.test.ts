import assert from "node:assert/strict";
import { test } from "node:test";
import { bootOnce } from "../boot/boot-once.ts";
import { describeReport, explore } from "../explore.ts";
import { entriesWithoutImage, sampleWorld, update } from "./sample-update.fixture.ts";

const seed = 20260301;

test("the real agent updates the simulated machine, and what it promised boots", async () => {
  const world = sampleWorld(seed);
  await update(world.run().machine);
  assert.deepEqual(world.tree.namesIn("/efi/EFI/Linux"), ["os_1.efi", "os_2+3-0.efi"]);
  world.restart();
  const result = await bootOnce(world, { esp: "/efi", imageMissing: "reboot", start: () => "up" });
  assert.equal(result.entry?.fileName, "os_2+2-1.efi");
});

test("wherever the power goes during an update, some version boots and no entry is without its image", async () => {
  const report = await explore(
    {
      name: "v1 to v2",
      world: sampleWorld(seed),
      work: update,
      // What comes after is judged by liveness; here only what the machine finds when power returns.
      recover: async () => {},
      check: entriesWithoutImage,
      checkDone: () => [],
      checkLasting: (world) => (world.tree.namesIn("/efi/EFI/Linux").includes("os_2+3-0.efi") ? [] : ["P5: gone"]),
      boot: async (world) => {
        const result = await bootOnce(world.fork(), { esp: "/efi", imageMissing: "hang", start: () => "up" });
        return result.kind === "up" ? [] : [`P6: ${result.kind}, ${result.why}`];
      },
    },
    { seed, statesPerCrash: 200 },
  );
  assert.equal(report.violations, 0, describeReport(report));
  assert.ok(report.distinctStates > 20, describeReport(report));
});
