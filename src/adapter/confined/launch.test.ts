import assert from "node:assert/strict";
import { test } from "node:test";
import { hasNobody } from "./launch.ts";

test("a namespace has a nobody when its map reaches that far", () => {
  const rows: readonly (readonly [string, boolean])[] = [
    ["         0          0 4294967295\n", true],
    ["0 100000 65536\n", true],
    ["0 1000 1\n", false],
    ["0 1000 1\n1 100000 65536\n", true],
    ["0 1000 1\n1 100000 1000\n", false],
    ["", false],
  ];
  for (const [map, expected] of rows) assert.equal(hasNobody(map), expected, map);
});
