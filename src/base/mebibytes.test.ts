import assert from "node:assert/strict";
import { test } from "node:test";
import { mebibytes, wholeMebibytes } from "./mebibytes.ts";

test("amounts are told in MiB, with a decimal or rounded up", () => {
  const amounts = [0, 1, 2 ** 20, 1.25 * 2 ** 20, 3 * 2 ** 30];
  assert.deepEqual(amounts.map(mebibytes), ["0.0 MiB", "0.0 MiB", "1.0 MiB", "1.3 MiB", "3072.0 MiB"]);
  assert.deepEqual(amounts.map(wholeMebibytes), ["0 MiB", "1 MiB", "1 MiB", "2 MiB", "3072 MiB"]);
});
