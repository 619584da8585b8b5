// What the tests of chunks share: bytes that look random, and readers over bytes in memory.
import { SeededRandom } from "../../base/random.ts";
import type { LocalBytes } from "../reader.ts";

export function randomBytes(seed: number, length: number): Uint8Array {
  const random = new SeededRandom(seed);
  return Uint8Array.from({ length }, () => random.below(256));
}

/** The reads made so far are in `reads`. */
export function inMemory(bytes: Uint8Array): LocalBytes & { readonly reads: (readonly [number, number])[] } {
  const reads: (readonly [number, number])[] = [];
  return {
    reads,
    size: async () => bytes.length,
    async read(offset, into) {
      reads.push([offset, into.length]);
      const part = bytes.subarray(offset, offset + into.length);
      into.set(part);
      return part.length;
    },
  };
}
