// Two MatchPatterns: whether one name can be meant by both.
import { equal, ok } from "node:assert/strict";
import { matchPattern, overlap, parsePattern } from "../../src/format/pattern.ts";
import { decoded, type Target, textOf } from "../target.ts";

export const target: Target = {
  name: "pattern-overlap",
  covers: ["src/format/pattern-overlap.ts"],
  lengthMax: 24,
  millisecondsMax: 5000,
  allocationMax: 1 << 30,
  seeds: () => [
    "os_@v.erofs\nos_@v.erofs.caibx",
    "a_@v\na_@v_@u",
    "@v+@l.efi\n@v+@l-@d.efi",
    "**/@v.x\na/@v.x",
    "@v_@m\n@v_@s",
  ],
  run(bytes) {
    const [a, b] = textOf(bytes)
      .split("\n", 2)
      .map((text) => decoded(() => parsePattern(text)));
    if (a === undefined || b === undefined) return;
    const name = decoded(() => overlap(a, b));
    if (name !== undefined) ok(matchPattern(a, name) !== undefined && matchPattern(b, name) !== undefined, name);
    equal(name === undefined, decoded(() => overlap(b, a)) === undefined);
  },
};
