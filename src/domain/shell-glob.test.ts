import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesShellPattern } from "./shell-glob.ts";

test("shell patterns match as in fnmatch", () => {
  const cases: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
    ["demo*", "demo-5", true],
    ["demo*", "a demo", false],
    ["*", "", true],
    ["d?mo", "demo", true],
    ["d?mo", "dmo", false],
    ["[a-c]x", "bx", true],
    ["[!a-c]x", "bx", false],
    ["[^a-c]x", "dx", true],
    ["[]-]", "]", true],
    ["[]-]", "-", true],
    ["[a-", "[a-", true],
    ["\\*", "*", true],
    ["\\*", "a", false],
    ["a.c", "abc", false],
    ["", "", true],
    ["", "a", false],
  ];
  for (const [pattern, text, matches] of cases)
    assert.equal(matchesShellPattern(pattern, text), matches, `${pattern} and ${text}`);
});

test("a range that runs backwards holds no character", () => {
  assert.equal(matchesShellPattern("[z-a]", "m"), false);
  assert.equal(matchesShellPattern("[!z-a]", "m"), true);
});

test("a pattern of many stars does not take for ever", () => {
  assert.equal(matchesShellPattern(`${"*a".repeat(40)}b`, "a".repeat(2000)), false);
});

test("brackets that nothing closes do not take for ever", () => {
  const open = "*[ag".repeat(20_000);
  assert.equal(matchesShellPattern(open, "[ag".repeat(3)), false);
  assert.equal(matchesShellPattern("[ag[", "[ag["), true);
});
