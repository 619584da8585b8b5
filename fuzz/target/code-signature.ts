// The signature of a boot image: PKCS#7 in DER with certificates in it, as anybody may have put it there.
import { equal } from "node:assert/strict";
import { nodeCodeVerifier } from "../../src/adapter/code-verifier/node-code-verifier.ts";
import { imageCertificate, imageSignature } from "../fixture/signed-image.ts";
import { decodedLater, type Target } from "../target.ts";

const { digest } = await nodeCodeVerifier.open(imageSignature, []);

export const target: Target = {
  name: "code-signature",
  covers: ["src/adapter/code-verifier/node-code-verifier.ts", "src/adapter/code-verifier/signed-data.ts"],
  packages: ["asn1js"],
  lengthMax: 2048,
  seeds: () => [imageSignature, imageCertificate],
  async run(bytes) {
    const opened = await decodedLater(() => nodeCodeVerifier.open(bytes, [imageCertificate, bytes]));
    if (opened?.paths.some(({ anchor }) => anchor === 0) !== true) return;
    equal(opened.digest, digest, "what leads to our certificate says what we signed");
  },
};
