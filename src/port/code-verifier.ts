// The CodeVerifier port: what a signature of a boot image says, and to which of the given certificates it leads (P12).
// Whether that is enough is decided in domain/secure-boot.ts.
import type { CodeSignature } from "../domain/code-signature.ts";

/** Fault codes: `damaged-signature`, `bad-signature` (not made by that signer), `unsupported-signature`. */
export interface CodeVerifier {
  /**
   * `signature` is PKCS#7 SignedData over an SpcIndirectDataContent. `anchors` are X.509 certificates in DER; one that
   * cannot be read leads nowhere. Neither dates nor purposes count: the firmware has no clock to rely on.
   */
  open(signature: Uint8Array, anchors: readonly Uint8Array[]): Promise<CodeSignature>;
}
