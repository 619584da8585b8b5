// Attribute bits of a partition in sfdisk's words.
import { equal } from "node:assert/strict";
import { formatAttributes, parseAttributes } from "../../src/format/partition-table.ts";
import { decoded, type Target, textOf } from "../target.ts";

export const target: Target = {
  name: "partition-attributes",
  covers: ["src/format/partition-attributes.ts"],
  lengthMax: 400,
  seeds: () => ["RequiredPartition NoBlockIOProtocol LegacyBIOSBootable GUID:48,60,63", "GUID:60", ""],
  run(bytes) {
    const flags = decoded(() => parseAttributes(textOf(bytes)));
    if (flags === undefined) return;
    const text = decoded(() => formatAttributes(flags));
    if (text !== undefined) equal(parseAttributes(text), flags);
  },
};
