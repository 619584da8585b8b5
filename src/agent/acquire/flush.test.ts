import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { updateMachine } from "../command/update.ts";

for (const code of ["io-error", "no-space"] as const) {
  for (const after of [0, 1]) {
    test(`what a failed flush (${code}, the ${after + 1}. of the image) may have lost is not built upon: the next update downloads it anew`, async () => {
      const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
      const fault = {
        port: "disk",
        name: "sync",
        subject: "/images/.holdfast-*",
        after,
        code,
        reached: "part",
      } as const;
      await assert.rejects(updateMachine(sessionOn(world, {}, [fault]).session), { code: "flush-failed" });
      assert.deepEqual(world.tree.namesIn("/images"), ["os_1.img"]);
      assert.equal((await updateMachine(sessionOn(world).session)).outcome, "done");
      assert.equal(world.tree.peek("/var/lib/holdfast/esp-open.json"), undefined);
    });
  }
}
