import assert from "node:assert/strict";
import { test } from "node:test";
import type { ByteReader } from "./pe.ts";
import { readAhead } from "./read-ahead.ts";

function counted(sizeBytes: number): { readonly asked: string[]; readonly ahead: ByteReader } {
  const bytes = Uint8Array.from({ length: sizeBytes }, (_, index) => index % 251);
  const asked: string[] = [];
  const reader = {
    sizeBytes,
    read: async (offset: number, length: number): Promise<Uint8Array> => {
      asked.push(`${offset}+${length}`);
      return bytes.slice(offset, offset + length);
    },
  };
  return { asked, ahead: readAhead(reader) };
}

test("small pieces that lie close together take one reading", async () => {
  const { asked, ahead } = counted(10_000);
  assert.deepEqual(await ahead.read(100, 2), Uint8Array.of(100, 101));
  assert.deepEqual(await ahead.read(4194, 2), Uint8Array.of(4194 % 251, 4195 % 251));
  assert.deepEqual(asked, ["100+4096"]);
});

test("a piece before, or behind what was read, is read anew", async () => {
  const { asked, ahead } = counted(10_000);
  await ahead.read(100, 2);
  assert.deepEqual(await ahead.read(99, 1), Uint8Array.of(99));
  assert.deepEqual(await ahead.read(4194, 2), Uint8Array.of(4194 % 251, 4195 % 251));
  assert.deepEqual(asked, ["100+4096", "99+4096", "4194+4096"]);
});

test("a large piece is read as it is, and the end of the file is the end of a piece", async () => {
  const { asked, ahead } = counted(10_000);
  assert.equal((await ahead.read(0, 5000)).length, 5000);
  assert.deepEqual(await ahead.read(9999, 10), Uint8Array.of(9999 % 251));
  assert.deepEqual(await ahead.read(20_000, 10), new Uint8Array());
  assert.deepEqual(asked, ["0+5000", "9999+1", "20000+0"]);
});
