import assert from "node:assert/strict";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { applyDelta } from "../../delta/apply-delta.ts";
import { openDelta } from "../../delta/open-delta.ts";
import { Content } from "../disk/content.ts";
import { sampleDelta, storedFrame } from "./sample-delta.ts";

test("a frame written by hand is one that zstd reads", () => {
  for (const length of [0, 1, 131_072, 131_073, 400_000]) {
    const plain = Content.pattern(1, length).bytes();
    assert.deepEqual(new Uint8Array(zstdDecompressSync(storedFrame(plain))), plain);
  }
});

test("a sample delta makes the new bytes of the old ones, and is smaller than they are", async () => {
  const old = Content.pattern(1, 20_000);
  const target = old.with(9_000, Content.pattern(2, 500)).bytes();
  const { delta, bytes } = sampleDelta("os_2.img", "1", old.bytes(), target);
  const plan = openDelta(bytes.subarray(0, delta.head.sizeBytes), delta);
  const made: Uint8Array[] = [];
  const from = old.bytes();
  const application = {
    plan,
    old: {
      size: async () => from.length,
      read: async (offset: number, into: Uint8Array) => {
        const piece = from.subarray(offset, offset + into.length);
        into.set(piece);
        return piece.length;
      },
    },
    fetch: async function* (_: unknown, offset: number, length: number) {
      yield bytes.subarray(offset, offset + length);
    },
    fromByte: 0,
  };
  for await (const piece of applyDelta(application)) made.push(piece.slice());
  assert.deepEqual(new Uint8Array(Buffer.concat(made)), target);
  assert.ok(bytes.length < 2_000, `${bytes.length}`);
});
