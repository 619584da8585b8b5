// The file name of a boot entry, with its counter.
import { equal, ok } from "node:assert/strict";
import { countDown, formatEntryName, parseEntryName } from "../../src/format/entry-name.ts";
import { type Target, textOf } from "../target.ts";

export const target: Target = {
  name: "entry-name",
  covers: ["src/format/entry-name.ts"],
  lengthMax: 300,
  seeds: () => [
    "demo_5.efi",
    "demo_5+3-0.efi",
    "demo_5+03.conf",
    "demo+5+2147483648.EFI",
    "auto-windows.conf",
    ".demo.efi",
  ],
  run(bytes) {
    const text = textOf(bytes);
    const name = parseEntryName(text);
    if (name === undefined) return;
    equal(formatEntryName(name), text);
    const counted = countDown(name);
    equal(counted.id, name.id);
    if (name.tries?.doneWidth !== undefined) equal(formatEntryName(counted).length, text.length);
    ok((counted.tries?.left ?? 0) >= 0);
  },
};
