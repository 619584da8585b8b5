import assert from "node:assert/strict";
import { test } from "node:test";
import { chunkSizeArgument, percentArgument, portArgument } from "./parse-repo.ts";

test("sizes of chunks are powers of two that desync can cut by, or none", () => {
  assert.deepEqual(["64K", "1M", "4096", "none"].map(chunkSizeArgument), [65_536, 1_048_576, 4096, 0]);
  for (const bad of ["", "63K", "16M", "1K", "-1", "64KB"])
    assert.throws(() => chunkSizeArgument(bad), /size of chunks/, bad);
});

test("a share is 1 to 100 percent, a port fits 16 bits", () => {
  assert.deepEqual(["5%", "100"].map(percentArgument), [5, 100]);
  for (const bad of ["0", "101%", "x", ""]) assert.throws(() => percentArgument(bad), /as a share/, bad);
  assert.deepEqual(["0", "65535"].map(portArgument), [0, 65_535]);
  for (const bad of ["65536", "x", ""]) assert.throws(() => portArgument(bad), /as a port/, bad);
});
