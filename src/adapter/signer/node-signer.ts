// The Signer port on this host: an OpenPGP key file, or a program that is started without a shell.
import type { Signer } from "../../port/signer.ts";
import { openpgpSigner } from "./openpgp-key.ts";
import { signWithCommand } from "./signing-command.ts";

export const nodeSigner: Signer = {
  async keyring(key) {
    return key.kind === "file" ? (await openpgpSigner(key.path)).keyring : undefined;
  },
  async sign(key, text, notBeforeMs) {
    return key.kind === "file"
      ? (await openpgpSigner(key.path)).sign(text, notBeforeMs)
      : signWithCommand(key.argv, text);
  },
};
