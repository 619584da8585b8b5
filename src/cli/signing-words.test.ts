import assert from "node:assert/strict";
import { test } from "node:test";
import { signingWords } from "./signing-words.ts";

test("a program that signs is the same from every folder; one without a slash is looked for in PATH", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["./sign --key a/b", ["/here/sign", "--key", "a/b"]],
    ["../bin/sign", ["/bin/sign"]],
    ["/opt/sign x", ["/opt/sign", "x"]],
    ["sign --slot=9", ["sign", "--slot=9"]],
    ['"my tools/sign" "a b"', ["/here/my tools/sign", "a b"]],
    [" ", []],
  ];
  for (const [text, words] of cases) assert.deepEqual(signingWords(text, "/here"), words, text);
});
