// Generations of what boots: a section of an image, a variable of the firmware.
import { ok } from "node:assert/strict";
import { parseSbat } from "../../src/format/sbat.ts";
import { decoded, type Target, textOf } from "../target.ts";

export const target: Target = {
  name: "sbat",
  covers: ["src/format/sbat.ts"],
  seeds: () => [
    "sbat,1,SBAT Version,sbat,1,https://example.org\nsystemd-stub,1,x\n",
    "sbat,1,2024040900\nshim,4\r\n\0\0",
  ],
  run(bytes) {
    const lines = decoded(() => parseSbat(textOf(bytes))) ?? [];
    ok(lines.every(({ component, generation }) => component !== "" && Number.isSafeInteger(generation)));
  },
};
