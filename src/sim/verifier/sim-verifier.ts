// The simulated Verifier: a signature names its key, its time and the digest of the text. No cryptography, same verdicts (P9).
import { Fault } from "../../base/fault.ts";
import type { Digest } from "../../port/digest.ts";
import type { Signature, Verifier } from "../../port/verifier.ts";

export interface SimKey {
  /** Upper-case hex. */
  readonly fingerprint: string;
  readonly userId?: string;
  readonly expiresMs?: number;
  readonly revoked?: boolean;
}

interface SimClaim {
  readonly fingerprint: string;
  readonly signedAtMs: number;
  readonly sha256: string;
}

const keyringMark = "simulated keyring\n";
const signatureMark = "simulated signature\n";
const maxBytes = 1 << 20;

export function simKeyring(keys: readonly SimKey[]): Uint8Array {
  return encode(keyringMark + JSON.stringify(keys));
}

export function simSign(digest: Digest, key: SimKey, text: Uint8Array, signedAtMs: number): Uint8Array {
  return encode(
    signatureMark + JSON.stringify({ fingerprint: key.fingerprint, signedAtMs, sha256: sha256(digest, text) }),
  );
}

/** One file with the signatures of several. */
export function joinSimSignatures(signatures: readonly Uint8Array[]): Uint8Array {
  const claims = signatures.flatMap((signature) => claimsOf(signature));
  return encode(signatureMark + JSON.stringify(claims));
}

function claimsOf(signature: Uint8Array): readonly SimClaim[] {
  const claims = decode(signature, signatureMark, "damaged-signature", "the signature") as SimClaim | SimClaim[];
  return Array.isArray(claims) ? claims : [claims];
}

export class SimVerifier implements Verifier {
  readonly #digest: Digest;

  constructor(digest: Digest) {
    this.#digest = digest;
  }

  async countKeys(keyring: Uint8Array): Promise<number> {
    const keys = decode(keyring, keyringMark, "damaged-keyring", "the keyring") as readonly SimKey[];
    if (keys.length === 0) throw new Fault("damaged-keyring", "Cannot read the keyring: there is no key in it");
    return keys.length;
  }

  async verify(text: Uint8Array, signature: Uint8Array, keyring: Uint8Array, nowMs: number): Promise<Signature> {
    const keys = decode(keyring, keyringMark, "damaged-keyring", "the keyring") as readonly SimKey[];
    const claims = claimsOf(signature);
    // One good signature of several is enough; where none is, the first whose key is known tells what is wrong.
    const known = claims.filter(({ fingerprint }) => keys.some((one) => one.fingerprint === fingerprint));
    const claim = known.find(({ sha256: signed }) => signed === sha256(this.#digest, text)) ?? known[0];
    const key = keys.find((one) => one.fingerprint === claim?.fingerprint);
    if (key === undefined || claim === undefined) throw refuse("unknown-signer", "its key is not in the keyring");
    if (claim.sha256 !== sha256(this.#digest, text)) throw refuse("bad-signature", "it is for another text");
    if (key.revoked === true) throw refuse("revoked-key", "its key was revoked");
    if (key.expiresMs !== undefined && key.expiresMs <= nowMs) throw refuse("expired-key", "its key has expired");
    return { fingerprint: key.fingerprint, signedAtMs: claim.signedAtMs, userId: key.userId };
  }
}

function sha256(digest: Digest, text: Uint8Array): string {
  const hasher = digest.sha256();
  hasher.update(text);
  return hasher.finish();
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(bytes: Uint8Array, mark: string, code: string, what: string): unknown {
  const text = bytes.length > maxBytes ? "" : new TextDecoder().decode(bytes);
  try {
    if (text.startsWith(mark)) return JSON.parse(text.slice(mark.length));
  } catch {
    // Falls through: what is no JSON was damaged.
  }
  throw new Fault(code, `Cannot read ${what}: it is damaged`);
}

function refuse(code: string, state: string): Fault {
  return new Fault(code, `Cannot trust the signature: ${state}`);
}
