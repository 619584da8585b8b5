// A keyring whose keys a signature is checked with.
import { openpgpVerifier } from "../../src/adapter/verifier/openpgp-verifier.ts";
import { armoredKey, binaryKey, keybox, signature, signedAtMs, signedText } from "../fixture/signed.ts";
import { decodedLater, type Target } from "../target.ts";

export const target: Target = {
  name: "signing-keyring",
  covers: ["src/adapter/verifier/openpgp-verifier.ts"],
  packages: ["openpgp"],
  seeds: () => [binaryKey, armoredKey, keybox(binaryKey), Buffer.concat([binaryKey, binaryKey])],
  async run(bytes) {
    await decodedLater(() => openpgpVerifier.verify(signedText, signature, bytes, signedAtMs + 1000));
  },
};
