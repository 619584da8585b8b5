import assert from "node:assert/strict";
import { test } from "node:test";
import { harmless, paint, wantsColour, wrap } from "./look.ts";
import { facts, table } from "./table.ts";

const look = { colour: false, columns: 40, nowMs: 0 };

test("columns are as wide as their widest cell, and nothing trails", () => {
  const text = table(
    [
      ["a", "1", "x"],
      ["long", "10", ""],
    ],
    look,
    { head: ["N", "", "LAST"], right: [1], indent: " " },
  );
  assert.deepEqual(text.split("\n"), [" N         LAST", " a      1  x", " long  10"]);
});

test("a column that is empty throughout is left out", () => {
  assert.equal(table([["a", "", "c"]], look, { head: ["A", "B", "C"] }), "A  C\na  c");
});

test("the last column is wrapped under itself", () => {
  const text = table([["name", "one two three four five six seven eight"]], look);
  assert.deepEqual(text.split("\n"), ["name  one two three four five six seven", "      eight"]);
});

test("facts without a value are left out", () => {
  assert.equal(
    facts(
      [
        ["A", "1"],
        ["Long", undefined],
        ["Name", ""],
      ],
      look,
    ),
    "A  1",
  );
});

test("words longer than the line stay whole", () => {
  assert.equal(wrap("https://os.example/a/long/path ok", 10, "  "), "https://os.example/a/long/path\n  ok");
});

test("colour needs a terminal, and neither NO_COLOR nor a dumb one", () => {
  assert.deepEqual(
    [
      wantsColour(true, {}),
      wantsColour(false, {}),
      wantsColour(true, { NO_COLOR: "1" }),
      wantsColour(true, { NO_COLOR: "" }),
      wantsColour(true, { TERM: "dumb" }),
    ],
    [true, false, false, true, false],
  );
  assert.equal(paint({ ...look, colour: true }, "red", "x"), "\u001b[31mx\u001b[39m");
});

test("control characters are made harmless", () => {
  assert.equal(harmless("a\u001b]0;t\u0007\r\u009bb"), "a?]0;t???b");
});
