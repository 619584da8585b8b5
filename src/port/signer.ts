// The Signer port: whoever publishes signs with a key that stays where it is, in a file or behind a program (P9).

/** How a publisher signs; remembered by the repository, the key itself never is. */
export type SigningKey =
  /** An OpenPGP secret key without a passphrase; an absolute path. */
  | { readonly kind: "file"; readonly path: string }
  /** A program that reads the text from its standard input and writes a detached OpenPGP signature: a token, a KMS. */
  | { readonly kind: "command"; readonly argv: readonly string[] };

/** Fault codes: `bad-key`, `cannot-sign`, `tool-missing`, `timed-out`. */
export interface Signer {
  /** The public part as a binary keyring; `undefined` for a program, which does not tell. */
  keyring(key: SigningKey): Promise<Uint8Array | undefined>;
  /** A detached signature over exactly these bytes. What a program answers is not checked here. */
  sign(key: SigningKey, text: Uint8Array): Promise<Uint8Array>;
}
