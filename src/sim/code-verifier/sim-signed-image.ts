// Signs images of tests as a program that signs does: a table of certificates behind the image, the rest as it was (P12).
import { authenticodeBytes, withCertificates } from "../../format/pe.fixture.ts";
import type { Digest } from "../../port/digest.ts";
import { simCodeSignature } from "./sim-code-verifier.ts";

/** `chain`: names of certificates, the signer's first. */
export function simSigned(digest: Digest, image: Uint8Array, chain: readonly string[]): Uint8Array {
  const hasher = digest.sha256();
  hasher.update(authenticodeBytes(image));
  return withCertificates(image, [simCodeSignature(hasher.finish(), chain)]);
}
