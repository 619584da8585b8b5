import assert from "node:assert/strict";
import { test } from "node:test";
import { inMemory } from "./delta.fixture.ts";
import { readFully, readRange } from "./read-fully.ts";

const file = inMemory(Uint8Array.of(1, 2, 3, 4, 5));
/** A read may bring less than was asked for. */
const slow = { ...file, read: (offset: number, into: Uint8Array) => file.read(offset, into.subarray(0, 1)) };

test("a range is read to its end, however little a read brings", async () => {
  for (const source of [file, slow]) {
    assert.deepEqual(await readRange(source, 1, 3), Uint8Array.of(2, 3, 4));
    assert.deepEqual(await readRange(source, 5, 0), new Uint8Array(0));
  }
});

test("a file that ends before is told from one that does not", async () => {
  for (const source of [file, slow])
    await assert.rejects(readFully(source, 3, new Uint8Array(3)), {
      code: "file-shortened",
      message: "Cannot read the file: it ends after 5 bytes now",
    });
});
