// os-release of a machine, of a tree, or in a UKI.
import { ok } from "node:assert/strict";
import { parseOsRelease } from "../../src/format/os-release.ts";
import { type Target, textOf } from "../target.ts";

export const target: Target = {
  name: "os-release",
  covers: ["src/format/os-release.ts"],
  seeds: () => [
    `ID=demo\nIMAGE_ID='demo'\nIMAGE_VERSION="5"\nPRETTY_NAME="Demo \\"5\\" \\$x"\nBUILD_ID=a\\ b\n`,
    "NAME='Don'\\''t'\nVERSION_ID=\nVARIANT_ID=desk\nVERSION=5 six\n",
  ],
  run(bytes) {
    const found = parseOsRelease(textOf(bytes));
    ok(found.id !== "" && found.all.size <= 1000);
  },
};
