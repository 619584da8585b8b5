import assert from "node:assert/strict";
import { test } from "node:test";
import type { ErofsFile } from "../../format/erofs/read-erofs.ts";
import { pairFiles } from "./pair-files.ts";

const file = (path: string, sizeBytes = 100): ErofsFile => ({ path, sizeBytes, inodeOffset: 0, folder: false });

const olds = [
  file("lib/modules/6.12.1/ext4.ko"),
  file("lib/libone.so.1.2", 900),
  file("lib/libone.so.1.10", 500),
  file("bin/tool"),
];

for (const [what, path, sizeBytes, pair] of [
  ["the same path", "bin/tool", 5, 3],
  ["a module of another kernel", "lib/modules/6.12.3/ext4.ko", 100, 0],
  ["a library under another number, the one of its size", "lib/libone.so.1.11", 510, 2],
  ["the same path before one of its size", "lib/libone.so.1.2", 500, 1],
  ["nothing", "bin/tools", 100, -1],
] as const)
  test(`a new file is paired with ${what}`, () => {
    assert.deepEqual([...pairFiles(olds, [file(path, sizeBytes)])], [pair]);
  });
