import assert from "node:assert/strict";
import { test } from "node:test";
import { systemEntropy } from "./system-entropy.ts";

test("as many bytes as asked for, and others each time", () => {
  assert.equal(systemEntropy.bytes(0).length, 0);
  assert.equal(systemEntropy.bytes(32).length, 32);
  assert.notDeepEqual(systemEntropy.bytes(32), systemEntropy.bytes(32));
});
