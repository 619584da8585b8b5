// The Verifier port: is this exact text signed by a key of this keyring? Nothing is parsed before it is (P9).

export interface Signature {
  /** Fingerprint of the signing key, upper-case hex. */
  readonly fingerprint: string;
  readonly signedAtMs: number;
  readonly userId: string | undefined;
}

/** Fault codes: `bad-signature`, `unknown-signer`, `expired-key`, `revoked-key`, `damaged-signature`, `damaged-keyring`. */
export interface Verifier {
  /**
   * Checks a detached OpenPGP signature (binary or armored; one good signature of several is enough).
   * `nowMs` decides about expiry of keys (P13); a keyring may be binary, armored or a GnuPG keybox.
   */
  verify(text: Uint8Array, signature: Uint8Array, keyring: Uint8Array, nowMs: number): Promise<Signature>;
  /** How many keys of a keyring are understood: at least one, or Fault `damaged-keyring`. */
  countKeys(keyring: Uint8Array): Promise<number>;
}
