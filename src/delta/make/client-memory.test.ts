import assert from "node:assert/strict";
import { test } from "node:test";
import { emptySha256 } from "../../base/ids.ts";
import type { DeltaGroup } from "../../format/delta-file.ts";
import { dictionaryPrefixBytes } from "../zstd.ts";
import { clientMemory } from "./client-memory.ts";

function group(producedBytes: number, more: Partial<DeltaGroup> = {}): DeltaGroup {
  const encode = { kind: "encode", plainLength: 1000, length: producedBytes, encoder: 0 } as const;
  return { references: [], steps: [encode], section: { length: 10, sha256: emptySha256 }, ...more };
}

test("a client needs memory for the dearest group, for what the one before made, and for what the one behind is made of", () => {
  const alone = 2 * dictionaryPrefixBytes + 2 * 1000 + 2 * 10;
  const copied = group(0, {
    steps: [{ kind: "copy", offset: 0, length: 5 }],
    section: { length: 0, sha256: emptySha256 },
  });
  const drawing = group(300, { references: [{ offset: 0, length: 7, plainLength: 50 }] });
  const cases: readonly (readonly [readonly DeltaGroup[], number])[] = [
    [[], 0],
    [[copied], 0],
    [[group(300)], alone + 300],
    [[group(300), group(200)], alone + 200 + 300],
    [[group(300), copied, group(200), group(100)], alone + 200 + 300 + 10],
    [[group(100), group(100), drawing], alone + 7 + 2 * 50 + 300 + 100],
    [[drawing, group(100)], alone + 7 + 2 * 50 + 300 + 10],
    [[group(900), drawing], alone + 7 + 2 * 50 + 300 + 900],
  ];
  for (const [groups, bytes] of cases) assert.equal(clientMemory(groups), bytes);
});
