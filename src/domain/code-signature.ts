// What a signature of a boot image says, once it was found to hold (P12); secure-boot.ts decides whether that is enough.
import type { Sha256 } from "../base/ids.ts";

export interface CertificateFacts {
  /** Whom it was issued to, for messages: the common name where there is one. */
  readonly subject: string;
  /** Digests of the part that is signed, lower-case hex: by these dbx revokes certificates. */
  readonly tbs: { readonly sha256: string; readonly sha384: string; readonly sha512: string };
}

/** A signature that holds: the signer's key made it over what it says. */
export interface CodeSignature {
  /** The Authenticode digest that the signer says the image has. */
  readonly digest: Sha256;
  readonly signer: CertificateFacts;
  /** For each certificate asked for that the signer's leads to: which, and all certificates from the signer's to it. */
  readonly paths: readonly { readonly anchor: number; readonly certificates: readonly CertificateFacts[] }[];
}
