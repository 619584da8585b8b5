// A detached OpenPGP signature as it comes from a server.
import { equal } from "node:assert/strict";
import { openpgpVerifier } from "../../src/adapter/verifier/openpgp-verifier.ts";
import { armoredSignature, binaryKey, fingerprint, signature, signedAtMs, signedText } from "../fixture/signed.ts";
import { decodedLater, type Target } from "../target.ts";

export const target: Target = {
  name: "signature",
  covers: ["src/adapter/verifier/openpgp-verifier.ts"],
  packages: ["openpgp"],
  seeds: () => [signature, armoredSignature, Buffer.concat([signature, signature])],
  async run(bytes) {
    const judged = await decodedLater(() => openpgpVerifier.verify(signedText, bytes, binaryKey, signedAtMs + 1000));
    if (judged === undefined) return;
    equal(judged.fingerprint, fingerprint);
    equal(judged.signedAtMs, signedAtMs);
  },
};
