// The Digest port: SHA-256 and HMAC. Pure, yet a port because the layers above may not import node:crypto.
import type { Sha256 } from "../base/ids.ts";

export interface Hasher {
  update(bytes: Uint8Array): void;
  /** May be called once. */
  finish(): Sha256;
}

export interface Digest {
  sha256(): Hasher;
  hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array;
}
