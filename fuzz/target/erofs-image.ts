// An erofs image that a publisher is given: superblock, inodes, folders, indexes of compressed files.
import { ok } from "node:assert/strict";
import { readErofs } from "../../src/format/erofs/read-erofs.ts";
import { sampleErofs, withChecksum } from "../../src/format/erofs/sample-erofs.fixture.ts";
import { decodedLater, type Target } from "../target.ts";

export const target: Target = {
  name: "erofs-image",
  covers: [
    "src/format/erofs/read-erofs.ts",
    "src/format/erofs/compressed-extents.ts",
    "src/format/erofs/directory.ts",
    "src/format/erofs/features.ts",
    "src/format/erofs/inode.ts",
    "src/format/erofs/superblock.ts",
  ],
  lengthMax: 8192,
  seeds: () => [sampleErofs()],
  mend: withChecksum,
  async run(bytes) {
    const image = await decodedLater(() =>
      readErofs({
        sizeBytes: bytes.length,
        read: async (offset, length) => {
          ok(offset >= 0 && length >= 0 && offset + length <= bytes.length, `${length} bytes at ${offset}`);
          return bytes.slice(offset, offset + length);
        },
      }),
    );
    let end = 0;
    for (const { offset, length, file } of image?.clusters ?? []) {
      ok(offset >= end && length > 0 && offset + length <= bytes.length, `a cluster of ${length} at ${offset}`);
      ok(image?.files[file] !== undefined);
      end = offset + length;
    }
  },
};
