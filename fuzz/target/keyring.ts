// A keyring: binary, armored, or GnuPG's keybox.
import { ok } from "node:assert/strict";
import { splitKeyring } from "../../src/format/keyring.ts";
import { armoredKey, binaryKey, keybox } from "../fixture/signed.ts";
import { decoded, type Target } from "../target.ts";

export const target: Target = {
  name: "keyring",
  covers: ["src/format/keyring.ts", "src/format/keybox.ts"],
  seeds: () => [binaryKey, armoredKey, keybox(binaryKey), new Uint8Array([0x99, 0, 1, 4, 0xb0, 1, 0])],
  run(bytes) {
    const keyring = decoded(() => splitKeyring(bytes));
    if (keyring === undefined) return;
    ok(keyring.blocks.length > 0);
    ok(keyring.blocks.reduce((sum, block) => sum + block.length, 0) <= bytes.length);
  },
};
