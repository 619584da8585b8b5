import assert from "node:assert/strict";
import { test } from "node:test";
import { requireHoldable } from "../delta/chunk/stored-chunk.ts";
import { chunkSizeArgument, percentArgument, portArgument } from "./parse-repo.ts";

test("a size of chunks is a power of two, and clients hold the largest chunks that it makes", () => {
  for (const [text, size] of [
    ["none", 0],
    ["4K", 4096],
    ["65536", 65_536],
    ["64k", 65_536],
    ["4M", 4 << 20],
  ] as const)
    assert.equal(chunkSizeArgument(text), size);
  requireHoldable(4 * chunkSizeArgument("4M"));
  for (const text of ["", "0", "2K", "8M", "65K", "-4K", "4G", "1e6", "4096.5"])
    assert.throws(() => chunkSizeArgument(text), { code: "usage" }, text);
});

test("shares are whole percents, ports are below 65536", () => {
  assert.deepEqual(["1", "5%", "100%"].map(percentArgument), [1, 5, 100]);
  for (const text of ["", "0", "101", "5 %", "%", "1.5"]) assert.throws(() => percentArgument(text), { code: "usage" });
  assert.deepEqual(["0", "8000", "65535"].map(portArgument), [0, 8000, 65_535]);
  for (const text of ["", "65536", "-1", "80a"]) assert.throws(() => portArgument(text), { code: "usage" });
});
