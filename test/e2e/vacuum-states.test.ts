// `vacuum` from mixed states (peers.md: systemd-sysupdate breaks 4 to 12 entries and thrice leaves nothing that boots):
// no entry is newly broken, nothing that runs goes, and where something could boot, something still can.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { LabRelease } from "../../tools/lab/release.ts";
import { type MixedState, mixedStates } from "./mixed-states.ts";
import { type Scene, type SceneOptions, World } from "./world.ts";

let world: World;
let releases: readonly LabRelease[];
before(async () => {
  world = await World.create();
  releases = await world.releases(["1", "2", "3", "4", "5"], { index: true });
});
after(async () => world[Symbol.asyncDispose]());

function release(version: number): LabRelease {
  const found = releases[version - 1];
  assert.ok(found !== undefined);
  return found;
}

async function sceneOf(state: MixedState): Promise<Scene> {
  const options: SceneOptions = {
    offered: [...releases],
    installed: state.installed.map(release),
    index: true,
    ...(state.running === undefined ? {} : { running: state.running }),
  };
  const scene = await world.scene(options);
  for (const change of state.changes ?? []) await change(scene.machine, release);
  return scene;
}

suite("vacuum", { concurrency: 2 }, () => {
  for (const state of mixedStates) {
    test(`breaks nothing, from ${state.what}`, async () => {
      await using scene = await sceneOf(state);
      const earlier = await scene.audit(...releases);
      await scene.expect(0, ["vacuum"]);
      const { broken, bootable, leftovers } = await scene.audit(...releases);
      const known = new Set(earlier.broken.map(({ fileName }) => fileName));
      assert.deepEqual(
        broken.filter(({ fileName }) => !known.has(fileName)),
        [],
      );
      assert.deepEqual([bootable.toSorted(), leftovers], [state.left, []]);
      const before2 = await scene.audit(...releases);
      await scene.expect(0, ["vacuum"]);
      assert.deepEqual(await scene.audit(...releases), before2, "a second vacuum changes nothing");
    });
  }
});
