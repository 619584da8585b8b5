import assert from "node:assert/strict";
import { test } from "node:test";
import { commandNames } from "./overview.ts";
import { editDistance, suggest } from "./suggest.ts";

test("the distance counts letters inserted, dropped, changed and swapped", () => {
  assert.deepEqual(
    [
      ["status", "status"],
      ["statsu", "status"],
      ["stats", "status"],
      ["stutus", "status"],
      ["", "pin"],
    ].map(([a = "", b = ""]) => editDistance(a, b)),
    [0, 1, 1, 1, 3],
  );
});

test("the nearest command is suggested, and none where none is near", () => {
  const cases = {
    statsu: "status",
    upgrade: undefined,
    updat: "update",
    up: "update",
    xyz: undefined,
    docter: "doctor",
  };
  for (const [typed, near] of Object.entries(cases)) assert.equal(suggest(typed, commandNames), near, typed);
});
