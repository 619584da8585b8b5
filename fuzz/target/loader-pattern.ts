// A pattern of loader.conf or of an EFI variable, and after a line end the id of an entry.
import { equal } from "node:assert/strict";
import { matchesLoaderPattern } from "../../src/domain/loader-glob.ts";
import { type Target, textOf } from "../target.ts";

export const target: Target = {
  name: "loader-pattern",
  covers: ["src/domain/loader-glob.ts"],
  seeds: () => [
    "demo_*.efi\ndemo_5.efi",
    "demo_[0-9a-f]?\\*\ndemo_5x*",
    "*a*a*a*b\naaaaaaaaaaaaaaaaaaaa",
    "[]-]\n]",
    "[a\na",
  ],
  run(bytes) {
    const [pattern = "", id = ""] = textOf(bytes).split("\n", 2);
    const matches = matchesLoaderPattern(pattern, id);
    if (!/[*?[\\]/.test(pattern)) equal(matches, pattern.toLowerCase() === id.toLowerCase());
  },
};
