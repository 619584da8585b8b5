import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fault } from "../../base/fault.ts";
import { bytesReader } from "../pe.fixture.ts";
import { crc32c } from "./crc32c.ts";
import { looksLikeErofs, readErofsSuperblock } from "./superblock.ts";
import { tinyErofs } from "./tiny-erofs.fixture.ts";

const image = tinyErofs(new Uint8Array(10_000).fill(7));
const read = (bytes: Uint8Array): ReturnType<typeof readErofsSuperblock> => readErofsSuperblock(bytesReader(bytes));
const refuses = (bytes: Uint8Array, code: string): Promise<void> =>
  assert.rejects(read(bytes), (error: unknown) => error instanceof Fault && error.code === code);

test("the checksum is that of RFC 3720's test vectors", () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
});

test("a superblock tells block size, blocks and what compresses", async () => {
  const { blockBytes, blocks, sizeBytes, compressions } = await read(image);
  assert.deepEqual(
    { blockBytes, blocks, sizeBytes, compressions },
    { blockBytes: 4096, blocks: 4, sizeBytes: 16_384, compressions: 8 },
  );
});

test("an image that is cut off, by a byte or by all but its superblock, is truncated", async () => {
  await refuses(image.subarray(0, -1), "erofs-truncated");
  await refuses(image.subarray(0, 4096), "erofs-truncated");
});

test("a flipped bit in the superblock's block does not pass", async () => {
  for (const at of [1024 + 36, 1024 + 100, 4095]) {
    const flipped = Uint8Array.from(image);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    await refuses(flipped, "erofs-damaged");
  }
});

test("what is no erofs image is told from one that is damaged", async () => {
  await refuses(new Uint8Array(5000), "not-erofs");
  await refuses(new Uint8Array(10), "not-erofs");
  assert.equal(await looksLikeErofs(bytesReader(image)), true);
  assert.equal(await looksLikeErofs(bytesReader(new Uint8Array(5000))), false);
});

test("any bytes behind the magic number are read, or refused with a Fault", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 124, maxLength: 3000 }), async (rest) => {
      const bytes = new Uint8Array(1028 + rest.length);
      new DataView(bytes.buffer).setUint32(1024, 0xe0f5e1e2, true);
      bytes.set(rest, 1028);
      try {
        await read(bytes);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
      }
    }),
  );
});
