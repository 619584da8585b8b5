import assert from "node:assert/strict";
import { test } from "node:test";
import { concatenate } from "./bytes.ts";

test("parts come one behind the other, behind the room that is asked for", () => {
  const parts = [Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)];
  assert.deepEqual(concatenate(parts), Uint8Array.of(1, 2, 3));
  assert.deepEqual(concatenate(parts, 2), Uint8Array.of(0, 0, 1, 2, 3));
  assert.deepEqual(concatenate([]), new Uint8Array(0));
});
