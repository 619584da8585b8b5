import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleEntry } from "../sample-reports.ts";
import { renderMenu, triesText } from "./menu.ts";

const look = { colour: false, columns: 80, nowMs: 0 };

test("counters are told in words", () => {
  assert.deepEqual(
    [undefined, 0, 1, 2].map((triesLeft) => triesText({ triesLeft })),
    ["", "no tries left", "1 try left", "2 tries left"],
  );
});

test("entries stand in the loader's order, whatever the order of the report", () => {
  const text = renderMenu([sampleEntry(2, "1"), sampleEntry(1, "2", { bootsNext: true })], look);
  assert.deepEqual(text.split("\n"), [
    "     ENTRY  FILE      MARKS  STATE",
    "  >  2      os_2.efi  next   sound",
    "     1      os_1.efi         sound",
    "",
  ]);
});

test("a title cannot draw over the menu", () => {
  const text = renderMenu([sampleEntry(1, "1", { version: undefined, title: "\u001b[2JOther\nOS" })], look);
  assert.equal(text.includes("?[2JOther?OS"), true);
  assert.equal(text.includes("\u001b"), false);
});

test("colour is added only where it is wanted, and changes no column", () => {
  const menu = [sampleEntry(1, "1", { triesLeft: 0, verdict: "damaged", problems: ["bad"] })];
  const coloured = renderMenu(menu, { ...look, colour: true });
  assert.ok(coloured.includes("\u001b[31mno tries left\u001b[39m"));
  const plain = coloured.split("\u001b").map((part, index) => (index === 0 ? part : part.replace(/^\[\d+m/, "")));
  assert.equal(plain.join(""), renderMenu(menu, look));
});
