// The name of a temporary file, ours or systemd-sysupdate's.
import { ok } from "node:assert/strict";
import { parseLeftover, stagingName } from "../../src/format/leftover-name.ts";
import { type Target, textOf } from "../target.ts";

export const target: Target = {
  name: "leftover-name",
  covers: ["src/format/leftover-name.ts"],
  lengthMax: 300,
  seeds: () => [
    ".holdfast-0123456789abcdef",
    ".sysupdate.partial.demo_5.raw",
    ".sysupdate.pending.demo_5.raw",
    ".#sysupdatedemo_5.raw0123456789abcdef",
  ],
  run(bytes) {
    const found = parseLeftover(textOf(bytes));
    if (found === undefined) return;
    if (found.by === "holdfast") ok(stagingName(found.digestPrefix) === textOf(bytes));
    else ok(found.name !== "");
  },
};
