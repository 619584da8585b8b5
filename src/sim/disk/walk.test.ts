import assert from "node:assert/strict";
import { test } from "node:test";
import { DiskTree } from "./disk-tree.ts";
import { walk } from "./walk.ts";

function sample(): DiskTree {
  const tree = DiskTree.make([
    { mountPoint: "/", type: "btrfs", sizeBytes: 1 << 24 },
    { mountPoint: "/efi", type: "vfat", sizeBytes: 1 << 24 },
  ]);
  tree.plant("/a/b/file", "one");
  tree.plant("/efi/EFI/file", "on FAT");
  return tree;
}

function told(tree: DiskTree, path: string): string {
  const found = walk(tree.mounts, path, true);
  if (found.kind !== "place") return found.kind;
  const { node, fs, frozen } = found.place;
  return `${node === undefined ? "vacant" : fs.kind(node)}${frozen ? ", frozen" : ""}`;
}

test("a path that was walked before leads to what is there now", () => {
  const tree = sample();
  assert.deepEqual([told(tree, "/a/b/file"), told(tree, "/a/c/file")], ["file", "missing"]);
  tree.shift("/a/b", "/a/c");
  assert.deepEqual([told(tree, "/a/b/file"), told(tree, "/a/c/file")], ["missing", "file"]);
  tree.plantLink("/a/b", "c");
  assert.deepEqual([told(tree, "/a/b/file"), told(tree, "/a/c/file")], ["file", "file"]);
  tree.uproot("/a/c/file");
  assert.deepEqual([told(tree, "/a/b/file"), told(tree, "/a/c/file")], ["vacant", "vacant"]);
});

test("a file in the place of a folder that was missing is no folder", () => {
  const tree = sample();
  assert.equal(told(tree, "/a/d/file"), "missing");
  tree.plant("/a/d", "a file");
  assert.equal(told(tree, "/a/d/file"), "not-a-folder");
  tree.uproot("/a/d");
  tree.plantFolder("/a/d");
  assert.equal(told(tree, "/a/d/file"), "vacant");
});

test("a folder on FAT is found again after a mount, which numbers everything anew", () => {
  const tree = sample();
  assert.deepEqual([told(tree, "/efi/EFI/file"), told(tree, "/efi/EFI/other/file")], ["file", "missing"]);
  tree.uproot("/efi/EFI/file");
  tree.remount();
  assert.equal(told(tree, "/efi/EFI/file"), "vacant");
  tree.plant("/efi/EFI/other/file", "new");
  assert.deepEqual([told(tree, "/efi/EFI/other/file"), tree.namesIn("/efi/EFI")], ["file", ["other"]]);
});

test("what is in a frozen tree is frozen from then on, and no longer than that", () => {
  const tree = sample();
  const fs = tree.volume("/");
  const folder = walk(tree.mounts, "/a", true);
  assert.ok(folder.kind === "place" && folder.place.node !== undefined);
  const { node } = folder.place;
  assert.equal(told(tree, "/a/b/file"), "file");
  fs.change(node, { frozen: true });
  assert.equal(told(tree, "/a/b/file"), "file, frozen");
  fs.change(node, { frozen: false });
  assert.equal(told(tree, "/a/b/file"), "file");
});
