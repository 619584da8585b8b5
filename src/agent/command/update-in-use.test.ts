import assert from "node:assert/strict";
import { test } from "node:test";
import { rollbackTo, update } from "../../sim/scenario/commands.ts";
import { did } from "../../sim/scenario/listed.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { updateMachine } from "./update.ts";

for (const layout of ["trees", "subvolumes"] as const)
  for (const offered of [["1"], ["1", "2"]])
    test(`a tree that is in use and came without Holdfast is not swapped for its like (${layout}, ${offered.length} on offer)`, async () => {
      const sample = sampleMachine({ seed: 1, layout, installed: ["1"], offered });
      if (offered.length > 1) {
        await did(update)(sample);
        await did(rollbackTo("1"))(sample);
      }
      const run = sessionOn(sample.world);
      const changed: string[] = [];
      run.gate.beforeCall = ({ changes, subject }) => {
        if (changes && subject.startsWith("/apps")) changed.push(subject);
      };
      assert.equal((await updateMachine(run.session)).outcome, "nothing-to-do");
      assert.deepEqual(changed, []);
    });
