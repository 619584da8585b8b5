// `vacuum` from mixed states (peers.md: systemd-sysupdate breaks 4 to 12 entries and thrice leaves nothing that boots):
// no entry is newly broken, nothing that runs goes, and where something could boot, something still can.
import assert from "node:assert/strict";
import { chmod, copyFile, open, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { imagePath } from "../../tools/lab/machine-tree.ts";
import { fileOf, type LabRelease } from "../../tools/lab/release.ts";
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

/** Gives an entry a counter. */
const counted =
  (version: number, counter: string) =>
  async ({ machine }: Scene): Promise<void> =>
    rename(join(machine.entries, `os_${version}.efi`), join(machine.entries, `os_${version}${counter}.efi`));

const withoutImage =
  (version: number) =>
  async ({ machine }: Scene): Promise<void> =>
    rm(imagePath(machine, release(version)));

const withoutEntry =
  (version: number) =>
  async ({ machine }: Scene): Promise<void> =>
    rm(join(machine.entries, `os_${version}.efi`));

const emptied =
  (version: number) =>
  async ({ machine }: Scene): Promise<void> =>
    truncate(imagePath(machine, release(version)), 0);

const flipped =
  (version: number) =>
  async ({ machine }: Scene): Promise<void> => {
    const path = imagePath(machine, release(version));
    await chmod(path, 0o644);
    await using file = await open(path, "r+");
    await file.write(Buffer.from("not what was published"), 0, 10, 5000);
  };

const twin =
  (version: number) =>
  async ({ machine }: Scene): Promise<void> =>
    copyFile(fileOf(release(version), "entry").path, join(machine.entries, `os_${version}+3-0.efi`));

const littered = async ({ machine }: Scene): Promise<void> => {
  await writeFile(join(machine.system, ".sysupdate.partial.os_9.erofs"), "half");
  await writeFile(join(machine.entries, ".sysupdate.pending.os_9.efi"), "whole");
};

interface State {
  readonly what: string;
  readonly installed: readonly number[];
  readonly running?: string;
  readonly changes?: readonly ((scene: Scene) => Promise<void>)[];
  /** What the judge finds bootable afterwards. */
  readonly left: readonly string[];
}

const states: readonly State[] = [
  { what: "one version", installed: [1], left: ["1"] },
  { what: "as many as may stay", installed: [1, 2], left: ["1", "2"] },
  { what: "five, all sound", installed: [1, 2, 3, 4, 5], left: ["4", "5"] },
  { what: "five, and the oldest runs", installed: [1, 2, 3, 4, 5], running: "1", left: ["1", "4", "5"] },
  { what: "four, and one in the middle runs", installed: [1, 2, 3, 4], running: "2", left: ["2", "3", "4"] },
  {
    what: "the newest without its image",
    installed: [1, 2, 3],
    running: "2",
    changes: [withoutImage(3)],
    left: ["1", "2"],
  },
  {
    what: "the two newest without their images",
    installed: [1, 2, 3],
    running: "1",
    changes: [withoutImage(3), withoutImage(2)],
    left: ["1"],
  },
  {
    what: "the two newest without their images, and nobody knows what runs",
    installed: [1, 2, 3],
    running: "elsewhere",
    changes: [withoutImage(3), withoutImage(2)],
    left: ["1"],
  },
  {
    what: "the two newest emptied, and nobody knows what runs",
    installed: [1, 2, 3],
    running: "elsewhere",
    changes: [emptied(3), emptied(2)],
    left: ["1"],
  },
  {
    what: "the two newest with wrong bytes, and nobody knows what runs",
    installed: [1, 2, 3],
    running: "elsewhere",
    changes: [flipped(3), flipped(2)],
    left: ["1"],
  },
  { what: "the newest on trial", installed: [1, 2, 3], running: "2", changes: [counted(3, "+3-0")], left: ["2", "3"] },
  {
    what: "the newest marked bad",
    installed: [1, 2, 3],
    running: "2",
    changes: [counted(3, "+0-3")],
    left: ["1", "2"],
  },
  {
    what: "all marked bad",
    installed: [1, 2, 3],
    running: "elsewhere",
    changes: [counted(1, "+0-3"), counted(2, "+0-3"), counted(3, "+0-3")],
    left: ["2", "3"],
  },
  {
    what: "an image without an entry",
    installed: [1, 2, 3],
    running: "2",
    changes: [withoutEntry(3)],
    left: ["1", "2"],
  },
  { what: "two names of one entry", installed: [1, 2, 3], running: "2", changes: [twin(3)], left: ["2", "3"] },
  { what: "what systemd-sysupdate leaves", installed: [1, 2, 3], running: "3", changes: [littered], left: ["2", "3"] },
];

async function sceneOf(state: State): Promise<Scene> {
  const options: SceneOptions = {
    offered: [...releases],
    installed: state.installed.map(release),
    index: true,
    ...(state.running === undefined ? {} : { running: state.running }),
  };
  const scene = await world.scene(options);
  for (const change of state.changes ?? []) await change(scene);
  return scene;
}

suite("vacuum", { concurrency: 2 }, () => {
  for (const state of states) {
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
