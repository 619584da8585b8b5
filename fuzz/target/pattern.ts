// A MatchPattern of a definition, and after a line end a name that a server or a folder offers.
import { deepEqual, equal, ok } from "node:assert/strict";
import { formatPattern, matchPattern, parsePattern, patternFields } from "../../src/format/pattern.ts";
import { decoded, type Target, textOf } from "../target.ts";

export const target: Target = {
  name: "pattern",
  covers: ["src/format/pattern.ts", "src/format/pattern-field.ts"],
  lengthMax: 700,
  seeds: () => [
    "demo_@v.efi\ndemo_5.efi",
    "demo_@v_@u.raw\ndemo_5_0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f.raw",
    "**/@v+@l-@d.efi\na/b/5+3-0.efi",
    "d@@_@v_@f_@a_@g_@r_@t_@m_@s\nd@_5_0x8000_yes_0_on_1700000000000000_0644_123",
    `@v.@h.zst\n5.${"ab".repeat(32)}.zst`,
    "a/@v/b\na/5/b",
  ],
  run(bytes) {
    const [text = "", name = ""] = textOf(bytes).split("\n", 2);
    const pattern = decoded(() => parsePattern(text));
    if (pattern === undefined) return;
    ok(patternFields(pattern).has("v"));
    const fields = matchPattern(pattern, name);
    if (fields === undefined) return;
    const again = decoded(() => formatPattern(pattern, fields));
    if (again === undefined) return;
    equal(matchPattern(pattern, again)?.version, fields.version);
    if (!pattern.anyDepth) deepEqual(matchPattern(pattern, again), fields);
  },
};
