// `loader/loader.conf`.
import { ok } from "node:assert/strict";
import { parseLoaderConf } from "../../src/format/loader-conf.ts";
import type { Target } from "../target.ts";

export const target: Target = {
  name: "loader-conf",
  covers: ["src/format/loader-conf.ts", "src/format/key-value-lines.ts"],
  seeds: () => [
    "default demo_*\npreferred @saved\ntimeout 3\nreboot-on-error auto\neditor no\nauto-entries 0\nauto-firmware yes\n",
    "timeout menu-force\nreboot-on-error off\n",
  ],
  run(bytes) {
    const { timeout } = parseLoaderConf(bytes);
    ok(typeof timeout !== "number" || Number.isSafeInteger(timeout));
  },
};
