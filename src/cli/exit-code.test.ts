import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { exit, exitCodeOf, exitCodes } from "./exit-code.ts";

test("every kind of Fault has the exit code that DESIGN gives it", () => {
  assert.deepEqual(
    (["failed", "usage", "nothing", "refused", "interrupted", "busy", "finding"] as const).map((kind) => [
      kind,
      exitCodeOf(kind),
    ]),
    [
      ["failed", 1],
      ["usage", 2],
      ["nothing", 3],
      ["refused", 4],
      ["interrupted", 5],
      ["busy", 6],
      ["finding", 7],
    ],
  );
});

test("the names and the table agree", () => {
  assert.deepEqual(Object.fromEntries(exitCodes.map((line) => [line.name, line.code])), exit);
});

test("docs/exit-codes.md has the same table", () => {
  const page = readFileSync(new URL("../../docs/exit-codes.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| (\d+) \| `([a-z]+)` \| (.+) \|$/gm)].map((row) => ({
    code: Number(row[1]),
    name: row[2],
    meaning: row[3],
  }));
  assert.deepEqual(rows, exitCodes);
});
