import assert from "node:assert/strict";
import { test } from "node:test";
import { release, Taken } from "./release.ts";

test("a large buffer is gone at once, and whoever looks at it again sees nothing", () => {
  const bytes = new Uint8Array(1 << 20);
  release(bytes.subarray(5, 10));
  assert.equal(bytes.buffer.byteLength, 0);
  release(bytes);
});

test("what is small, shared, or out of Node's pool stays", () => {
  const kept = [new Uint8Array(1000), Buffer.from("abc"), new Uint8Array(new SharedArrayBuffer(1 << 20))];
  const sizes = kept.map(({ length }) => length);
  for (const bytes of kept) release(bytes);
  assert.deepEqual(
    kept.map(({ length }) => length),
    sizes,
  );
});

test("what a stream read is gone once a piece of the next read is taken, not before", () => {
  const [first, second] = [new Uint8Array(1 << 16), new Uint8Array(1 << 16)];
  const taken = new Taken();
  taken.next(first.subarray(0, 10));
  taken.next(first.subarray(10));
  assert.equal(first.length, 1 << 16);
  taken.next(second);
  assert.deepEqual([first.length, second.length], [0, 1 << 16]);
});
