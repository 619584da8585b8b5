// The Digest of the simulated machine: SHA-256 (FIPS 180-4) and HMAC (RFC 2104) in plain TypeScript, so that a simulation
// needs nothing from outside. An order of magnitude slower than OpenSSL: whoever simulates large images hands in that one.
import { assert } from "../../base/assert.ts";
import { parseSha256 } from "../../base/ids.ts";
import type { Digest, Hasher } from "../../port/digest.ts";

const blockBytes = 64;

const primes: readonly number[] = Array.from({ length: 311 }, (_, index) => index + 2)
  .filter(
    (number) => !Array.from({ length: number - 2 }, (_, index) => index + 2).some((divisor) => number % divisor === 0),
  )
  .slice(0, 64);

/** The first 32 bits of the fraction (FIPS 180-4, 4.2.2 and 5.3.3: of cube roots and square roots of primes). */
const fraction = (root: number): number => ((root - Math.floor(root)) * 2 ** 32) | 0;
const roundConstants = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const startState = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

const rotate = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));

class Sha256Hasher implements Hasher {
  readonly #state: Int32Array = startState.slice();
  readonly #block: Uint8Array = new Uint8Array(blockBytes);
  readonly #words: Int32Array = new Int32Array(64);
  #filled: number = 0;
  #totalBytes: number = 0;
  #finished: boolean = false;

  update(bytes: Uint8Array): void {
    assert(!this.#finished, "a hasher that has finished takes no more bytes");
    this.#totalBytes += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + blockBytes - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === blockBytes) this.#compress();
    }
  }

  finish(): ReturnType<Hasher["finish"]> {
    return parseSha256([...this.finishBytes()].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  }

  finishBytes(): Uint8Array {
    const bits = BigInt(this.#totalBytes) * 8n;
    const padding = new Uint8Array(((blockBytes * 2 - 9 - this.#filled) % blockBytes) + 9);
    padding[0] = 0x80;
    new DataView(padding.buffer).setBigUint64(padding.length - 8, bits);
    this.update(padding);
    this.#finished = true;
    const bytes = new Uint8Array(32);
    for (const [index, word] of this.#state.entries()) new DataView(bytes.buffer).setInt32(index * 4, word);
    return bytes;
  }

  #compress(): void {
    const words = this.#words;
    const view = new DataView(this.#block.buffer);
    for (let index = 0; index < 16; index++) words[index] = view.getInt32(index * 4);
    for (let index = 16; index < 64; index++) {
      const near = words[index - 2] ?? 0;
      const far = words[index - 15] ?? 0;
      const sigma0 = rotate(far, 7) ^ rotate(far, 18) ^ (far >>> 3);
      const sigma1 = rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10);
      words[index] = (words[index - 16] ?? 0) + sigma0 + (words[index - 7] ?? 0) + sigma1;
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = this.#state;
    for (let index = 0; index < 64; index++) {
      const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const first = (h + sum1 + ((e & f) ^ (~e & g)) + (roundConstants[index] ?? 0) + (words[index] ?? 0)) | 0;
      const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const second = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    for (const [index, word] of [a, b, c, d, e, f, g, h].entries())
      this.#state[index] = (this.#state[index] ?? 0) + word;
    this.#filled = 0;
  }
}

function sha256Bytes(...parts: readonly Uint8Array[]): Uint8Array {
  const hasher = new Sha256Hasher();
  for (const part of parts) hasher.update(part);
  return hasher.finishBytes();
}

export const simDigest: Digest = {
  sha256: () => new Sha256Hasher(),
  hmacSha256: (key, message) => {
    const block = new Uint8Array(blockBytes);
    block.set(key.length > blockBytes ? sha256Bytes(key) : key);
    const inner = sha256Bytes(
      block.map((byte) => byte ^ 0x36),
      message,
    );
    return sha256Bytes(
      block.map((byte) => byte ^ 0x5c),
      inner,
    );
  },
};
