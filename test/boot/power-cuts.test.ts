// Power cuts in the middle of updates, removals and rollbacks: a real boot for each class of ESP that they can leave (P6,
// scenario 4).
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Machine } from "../../tools/lab/machine/machine.ts";
import { cutStates } from "./cut-states.ts";
import { look } from "./run-case.ts";
import { bootScene } from "./scene.ts";

const say = (line: string): void => console.log(`boots: ${line}`);
const scene = await bootScene(false, say);

test("whatever a power cut leaves of an ESP boots", {
  skip: scene instanceof Error ? scene.message : false,
}, async (t) => {
  if (scene instanceof Error) return;
  const folder = await mkdtemp(join(tmpdir(), "holdfast-cuts-"));
  try {
    for (const state of await cutStates(scene, { folder, states: 100, seed: 4, say })) {
      await t.test(`${state.operation}: ${state.className}`, async () => {
        const place = await mkdtemp(join(folder, "machine-"));
        const machine = await Machine.create({ parts: scene.parts, folder: place, disk: state.image });
        const seen = await look(machine, await machine.bootUntilDown(6, { secondsMax: 240 }), 6);
        await rm(state.image);
        const starts = seen.boots.length === 1 ? "at once" : `at start ${seen.boots.length}`;
        say(
          `${state.operation}, ${state.count} states, ${state.how}: ${seen.outcome} ${starts}, ${seen.seconds.toFixed(0)} s`,
        );
        assert.match(seen.outcome, /^up \d$/, seen.consoles);
        if (seen.boots.length === 1) assert.equal(seen.outcome, `up ${state.predicted}`, "the model says otherwise");
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
