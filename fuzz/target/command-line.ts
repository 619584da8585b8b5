// A kernel command line out of an entry: the partitions it demands by verity hash.
import { ok } from "node:assert/strict";
import { commandLineWords, verityPartitions } from "../../src/domain/verity.ts";
import { type Target, textOf } from "../target.ts";

export const target: Target = {
  name: "command-line",
  covers: ["src/domain/verity.ts"],
  seeds: () => [
    `quiet roothash=${"0f".repeat(32)} usrhash=${"a0".repeat(16)}`,
    `"quoted word" systemd.verity_root_data=/dev/sda2 roothash=${"0F".repeat(20)} systemd.verity_usr_hash=x`,
  ],
  run(bytes) {
    const text = textOf(bytes);
    ok(verityPartitions(text).length <= 4);
    ok(commandLineWords(text).length <= text.length);
  },
};
