import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fault } from "../../base/fault.ts";
import { bytesReader } from "../pe.fixture.ts";
import { type ErofsImage, readErofs } from "./read-erofs.ts";
import { sampleErofs, sampleInodes, withChecksum } from "./sample-erofs.fixture.ts";

const read = (bytes: Uint8Array): Promise<ErofsImage> => readErofs(bytesReader(bytes));
const { root, chunked, compressed, flat, full } = sampleInodes;

/** The sample with little-endian numbers of `bits` put somewhere. */
function changed(changes: readonly (readonly [at: number, bits: 8 | 16 | 32, value: number])[]): Uint8Array {
  const image = sampleErofs();
  const view = new DataView(image.buffer);
  for (const [at, bits, value] of changes) {
    if (bits === 8) view.setUint8(at, value);
    else if (bits === 16) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
  }
  return withChecksum(image);
}

test("an image tells its files and every cluster of them", async () => {
  const image = await read(sampleErofs());
  assert.equal(image.windowLog, 19);
  assert.deepEqual(
    image.files.map(({ path, inodeOffset, sizeBytes, folder }) => [path, inodeOffset, sizeBytes, folder]),
    [
      ["", root, 76, true],
      ["chunked", chunked, 700, false],
      ["compressed", compressed, 9000, false],
      ["flat", flat, 600, false],
      ["full", full, 400, false],
    ],
  );
  assert.deepEqual(
    image.clusters.map(({ file, offset, length, fileOffset, plainLength, algorithm }) => [
      image.files[file]?.path,
      offset / 512,
      length,
      fileOffset,
      plainLength,
      algorithm,
    ]),
    [
      ["chunked", 6, 512, 0, 512, undefined],
      ["compressed", 7, 1024, 0, 9000, 3],
      ["flat", 9, 1024, 0, 600, undefined],
      ["full", 11, 512, 0, 400, 3],
    ],
  );
});

const refused: readonly (readonly [string, Uint8Array])[] = [
  [
    "a chunk of half a terabyte",
    changed([
      [chunked, 16, (4 << 1) | 1],
      [chunked + 8, 32, 0],
      [chunked + 12, 32, 0x80],
      [chunked + 16, 32, 31],
    ]),
  ],
  ["features of later years", changed([[1024 + 80, 32, 0x100]])],
  ["other devices", changed([[1024 + 86, 16, 1]])],
  ["folder blocks of their own size", changed([[1024 + 90, 8, 1]])],
  ["a root that is no folder", changed([[root + 4, 16, 0x8000]])],
  ["an inode of an unknown layout", changed([[flat, 16, 5 << 1]])],
  ["an inode with unknown bits", changed([[flat, 16, 0x20]])],
  ["an inode outside", changed([[root + 32, 32, 0x0fffffff]])],
  ["a folder that names no entry", changed([[root + 32 + 8, 16, 0]])],
  ["a folder whose names overlap", changed([[root + 32 + 12 + 8, 16, 0]])],
  ["a name with a slash", changed([[root + 32 + 48, 8, 0x2f]])],
  ["a compressed folder", changed([[root, 16, 3 << 1]])],
  ["a folder that is larger than the image", changed([[root + 8, 32, 1 << 20]])],
  ["an index that is larger than the image", changed([[compressed + 8, 32, 0xffffffff]])],
  ["a chunk index that is larger than the image", changed([[chunked + 8, 32, 0xffffffff]])],
  ["chunks of an unknown kind", changed([[chunked + 16, 16, 0x40]])],
  ["an index of an unknown kind", changed([[compressed + 32 + 4, 16, 0x40]])],
  ["a cluster that does not say its length", changed([[compressed + 32 + 10, 16, (2 << 12) | 1]])],
  ["a cluster of no blocks", changed([[compressed + 32 + 10, 16, (2 << 12) | (1 << 11)]])],
  [
    "a cluster that begins outside of its place",
    changed([
      [full + 50, 16, 512],
      [full + 8, 32, 1000],
    ]),
  ],
  ["shared parts of clusters", changed([[full + 48, 16, 0x8001]])],
  ["clusters that overlap", changed([[flat + 16, 32, 8]])],
  ["a cluster outside", changed([[flat + 16, 32, 11]])],
  [
    "a file that is longer than any image",
    changed([
      [flat, 16, 1],
      [flat + 12, 32, 0x10000],
    ]),
  ],
];
for (const [what, image] of refused)
  test(`an image with ${what} is refused`, async () => {
    await assert.rejects(read(image), (error) => {
      assert.ok(error instanceof Fault, String(error));
      assert.equal(error.code, "erofs-not-understood");
      return true;
    });
  });

test("an index is no longer than memory has room for, however large the image is", async () => {
  const entries = (16 << 20) + 1;
  const image = changed([
    [chunked, 16, (4 << 1) | 1],
    [chunked + 8, 32, (entries * 512) % 2 ** 32],
    [chunked + 12, 32, Math.floor((entries * 512) / 2 ** 32)],
  ]);
  const reader = {
    sizeBytes: 2 ** 40,
    async read(offset: number, length: number) {
      const page = new Uint8Array(length).fill(0xff);
      page.set(image.subarray(offset, offset + length));
      return page;
    },
  };
  await assert.rejects(readErofs(reader), { message: /: it has too many index entries$/ });
});

test("a folder within itself is walked once", async () => {
  const { files } = await read(changed([[root + 32 + 12, 32, 0]]));
  assert.deepEqual(
    files.map(({ path }) => path),
    ["", "chunked", "flat", "full"],
  );
});

test("any change to an image, and any bytes, are an image or a Fault", async () => {
  const sample = sampleErofs();
  const change = fc
    .array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    .map((changes) => changes.reduce((bytes, [at, byte]) => bytes.with(at, byte), sample));
  await fc.assert(
    fc.asyncProperty(fc.oneof(change, fc.uint8Array()), async (bytes) => {
      try {
        const { clusters } = await read(withChecksum(bytes));
        let end = 0;
        for (const { offset, length } of clusters) {
          assert.ok(offset >= end && offset + length <= bytes.length);
          end = offset + length;
        }
      } catch (error) {
        assert.ok(error instanceof Fault, String(error));
      }
    }),
    { numRuns: 500 },
  );
});
