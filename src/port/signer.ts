// The Signer port: whoever publishes signs with a key that stays where it is, in a file or behind a program (P9).
import type { SigningKey } from "../domain/signing-key.ts";

/** Fault codes: `bad-key`, `cannot-sign`, `tool-missing`, `timed-out`. */
export interface Signer {
  /** The public part as a binary keyring; `undefined` for a program, which does not tell. */
  keyring(key: SigningKey): Promise<Uint8Array | undefined>;
  /**
   * A detached signature over exactly these bytes. A key in a file signs with a time of `notBeforeMs` at least, whatever the
   * clock says; a program has a clock of its own. What it answers is not checked here.
   */
  sign(key: SigningKey, text: Uint8Array, notBeforeMs?: number): Promise<Uint8Array>;
}
