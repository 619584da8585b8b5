import assert from "node:assert/strict";
import { test } from "node:test";
import { inMemory } from "../delta.fixture.ts";
import { defaultEffort, type Settings, settingsFor } from "./effort.ts";
import type { Piece, PiecedFile } from "./pieces.ts";

const megabyte = 1_000_000;

function image(changedMegabytes: number, over: Partial<Piece> = {}): PiecedFile {
  const pieces = Array.from(
    { length: changedMegabytes },
    (_, index): Piece => ({
      offset: index,
      length: megabyte / 2,
      plainLength: megabyte,
      file: 0,
      fileOffset: 0,
      ...over,
    }),
  );
  return { bytes: inMemory(new Uint8Array(0)), sizeBytes: 1000 * megabyte, pieces, files: [], windowLog: 19 };
}

/** Of 100 groups of 6 MB, how many are done with these settings. */
function countOf(wanted: Settings, file: PiecedFile): number {
  const effort = defaultEffort(file, new Int32Array(file.pieces.length).fill(-1));
  const group = [{ piece: file.pieces[0] as Piece, plain: new Uint8Array(6 * megabyte) }];
  return Array.from({ length: 100 }, () => settingsFor(effort, group, 6 * megabyte)).filter(
    (settings) => settings === wanted,
  ).length;
}

test("where little changed all of it is worth the strong settings", () => {
  assert.equal(countOf("strong", image(90)), 100);
});

test("where much changed a part of it is, spread over the whole", () => {
  const strong = countOf("strong", image(300));
  assert.ok(strong >= 20 && strong <= 30, `${strong} of 100`);
});

test("what does not compress is never worth them", () => {
  assert.equal(countOf("strong", image(100, { plainLength: 0 })), 0);
});

test("where so much changed that the fast settings take too long, a part or all of it is done with quick ones", () => {
  assert.equal(countOf("fast", image(600)), 100);
  const quick = countOf("quick", image(700));
  assert.ok(quick >= 30 && quick <= 40, `${quick} of 100`);
  assert.equal(countOf("fast", image(700)), 100 - quick);
  assert.equal(countOf("quick", image(1500)), 100);
});

test("a level that was asked for is used for everything", () => {
  assert.deepEqual(settingsFor({ level: 5 }, [], 1), { level: 5 });
});
