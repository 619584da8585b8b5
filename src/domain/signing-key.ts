// With what a publisher signs: remembered by the repository; the key itself never is.

/** For hints: a key in a file, made by GnuPG, that signs and needs no passphrase. */
export const howToMakeKey: string =
  "Make one with: gpg --batch --passphrase '' --quick-gen-key 'Releases' ed25519 sign never; gpg --export-secret-keys Releases > key.pgp";

export type SigningKey =
  /** An OpenPGP secret key without a passphrase; an absolute path. */
  | { readonly kind: "file"; readonly path: string }
  /** A program that reads the text from its standard input and writes a detached OpenPGP signature: a token, a KMS. */
  | { readonly kind: "command"; readonly argv: readonly string[] };
