// Specifiers in definitions (`%a` and their kin).
import { ok } from "node:assert/strict";
import { expandSpecifiers } from "../../src/format/specifier.ts";
import { decoded, type Target, textOf } from "../target.ts";

export const target: Target = {
  name: "specifier",
  covers: ["src/format/specifier.ts"],
  seeds: () => ["/var/%w/%a/%%20", "%M_%A.raw", "100%", "%toString"],
  run(bytes) {
    const text = textOf(bytes);
    const expanded = decoded(() => expandSpecifiers(text, { A: "5", M: "demo", a: "x86-64", w: "12" }));
    if (expanded !== undefined) ok(expanded.length <= text.length * 3);
  },
};
