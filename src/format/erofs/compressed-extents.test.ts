import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesReader } from "../pe.fixture.ts";
import { type Extent, readExtents } from "./compressed-extents.ts";
import type { Settings } from "./features.ts";
import { Pages } from "./pages.ts";

const settings: Settings = {
  blockBits: 12,
  blockBytes: 4096,
  metaOffset: 0,
  rootNode: 0,
  packedNode: 0,
  windowLog: 19,
  bigClusters: true,
};

/** A file of one cluster of `blocks` blocks with `plainBytes` in it. */
function fileOf(blocks: number, plainBytes: number): Promise<readonly Extent[]> {
  const count = Math.ceil(plainBytes / 4096);
  const bytes = new Uint8Array(16 + count * 8);
  const view = new DataView(bytes.buffer);
  view.setUint16(4, 0x2, true);
  view.setUint8(6, 3);
  for (let index = 0; index < count; index += 1) view.setUint16(16 + index * 8, index === 0 ? 1 : 2, true);
  view.setUint32(20, 7, true);
  view.setUint16(16 + 8 + 4, (1 << 11) | blocks, true);
  const inode = { offset: 0, kind: "file", layout: "compressed-full", sizeBytes: plainBytes, value: 0 } as const;
  return readExtents(new Pages(bytesReader(bytes)), settings, { ...inode, bodyOffset: 0 }, { entries: 1e6 });
}

test("clusters are as long as Linux decodes them, and no longer: no delta could have them", async () => {
  const plainLength = 12 << 20;
  assert.deepEqual(await fileOf(256, plainLength), [
    { offset: 7 * 4096, length: 1 << 20, fileOffset: 0, plainLength, algorithm: 3 },
  ]);
  await assert.rejects(fileOf(257, plainLength), { code: "erofs-not-understood" });
  await assert.rejects(fileOf(256, plainLength + 1), { code: "erofs-not-understood" });
});
