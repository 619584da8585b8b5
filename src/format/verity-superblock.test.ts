import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { bytesReader } from "./pe.fixture.ts";
import { looksLikeVerity, readVerity } from "./verity-superblock.ts";

const salt = Uint8Array.from({ length: 32 }, (_, index) => index);

/** As veritysetup writes it: a superblock, then from the next block on the tree, its top first. */
function device(dataBlocks: bigint): Uint8Array {
  const bytes = new Uint8Array(3 * 4096);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("verity"));
  view.setUint32(8, 1, true);
  view.setUint32(12, 1, true);
  bytes.set(new TextEncoder().encode("sha256"), 32);
  view.setUint32(64, 4096, true);
  view.setUint32(68, 4096, true);
  view.setBigUint64(72, dataBlocks, true);
  view.setUint16(80, salt.length, true);
  bytes.set(salt, 88);
  bytes.fill(7, 4096, 8192);
  return bytes;
}

test("the root hash is that of the salt and the topmost block", async () => {
  const { dataBytes, algorithm, rootInput } = await readVerity(bytesReader(device(100n)));
  assert.deepEqual([dataBytes, algorithm], [409_600, "sha256"]);
  const expected = createHash("sha256").update(salt).update(new Uint8Array(4096).fill(7)).digest("hex");
  assert.equal(
    createHash("sha256")
      .update(rootInput ?? "")
      .digest("hex"),
    expected,
  );
});

test("of one block there is no tree", async () => {
  assert.equal((await readVerity(bytesReader(device(1n)))).rootInput, undefined);
});

test("it is told by its magic, and one that is cut off is damaged", async () => {
  assert.equal(await looksLikeVerity(bytesReader(device(100n))), true);
  assert.equal(await looksLikeVerity(bytesReader(new Uint8Array(600))), false);
  assert.equal(await looksLikeVerity(bytesReader(new Uint8Array(10))), false);
  await assert.rejects(readVerity(bytesReader(device(100n).subarray(0, 5000))), /they end within the tree/);
});

test("any bytes are read, or refused with a Fault", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 504, maxLength: 2000 }), async (rest) => {
      const bytes = Uint8Array.from([...device(9n).subarray(0, 8), ...rest]);
      try {
        await readVerity(bytesReader(bytes));
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
      }
    }),
  );
});
