import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../../base/random.ts";
import { crashChoices } from "../crash-choices.ts";
import { Content } from "./content.ts";
import { DiskTree } from "./disk-tree.ts";
import type { FatFileSystem } from "./fat-file-system.ts";

/** Two names of one chain: what a rename leaves whose new name reached the medium, and whose removal did not. */
function twins(): FatFileSystem {
  const tree = DiskTree.make([
    { mountPoint: "/", type: "ext4", sizeBytes: 1e6 },
    { mountPoint: "/efi", type: "vfat", sizeBytes: 1e6 },
  ]);
  tree.plant("/efi/a", Content.pattern(1, 9_000));
  const volume = tree.volume("/efi") as FatFileSystem;
  const node = volume.lookUp(volume.root, "a");
  assert.ok(node !== undefined);
  volume.rename(volume.root, "a", volume.root, "b");
  volume.sync(node);
  return volume.afterCrash(
    volume.crashDimensions().map(({ options }) => (options.at(-1) === "free" ? 0 : options.length - 1)),
  );
}

test("power may go in the middle of fsck.fat: some of its changes are there, and a second run comes to its end", () => {
  const volume = twins();
  assert.deepEqual(
    volume
      .names(volume.root)
      .map(([name]) => name)
      .sort(),
    ["a", "b"],
  );
  const whole = volume.fork();
  whole.repair();
  volume.beginRepair();
  const dimensions = volume.crashDimensions();
  assert.ok(dimensions.length > 0);
  for (const picks of crashChoices(dimensions, 100, new SeededRandom(1))) {
    const after = volume.afterCrash(picks);
    assert.ok(after.findings().length > 0);
    after.repair();
    assert.deepEqual(after.findings(), []);
  }
  volume.repair();
  assert.deepEqual(volume.findings(), []);
  assert.deepEqual(volume.marks(), whole.marks());
});
