// Cuts bytes into chunks where their content says so, at the places where desync cuts them (interfaces: casync's
// src/cachunker.c, desync's chunker.go): a rolling hash over 48 bytes, an end where it leaves `d - 1` when divided by d.
import { Fault } from "../../base/fault.ts";
import { areChunkSizes, type ChunkSizes } from "../../format/chunk-index.ts";
import { buzhashTable } from "./buzhash-table.ts";

export type ChunkerFaultCode = "bad-chunk-sizes";

const windowBytes = 48;
/** Of what leaves the window: turned by its 48 places, which are 16 of 32. */
const leaving: Int32Array = buzhashTable.map((word) => (word << 16) | (word >>> 16));

/** The divisor that makes chunks of about `avg` bytes where min is a quarter of it and max four times as much. */
function divisorFor(avg: number): number {
  return Math.floor(avg / (-1.42888852e-7 * avg + 1.33237515));
}

/** The inverse of an odd number modulo 2^32, by Newton's iteration. */
function inverse(odd: number): number {
  let found = odd;
  for (let bits = 3; bits < 32; bits *= 2) found = Math.imul(found, 2 - Math.imul(odd, found));
  return found;
}

export class Chunker {
  readonly sizes: ChunkSizes;
  readonly #divisor: number;
  readonly #factor: number;
  readonly #shift: number;
  readonly #limit: number;

  /** Throws a Fault (`bad-chunk-sizes`) for sizes that casync and desync could not cut by. */
  constructor(sizes: ChunkSizes) {
    const divisor = divisorFor(sizes.avg);
    if (!areChunkSizes(sizes) || sizes.min < windowBytes || !(divisor >= 2 && divisor < 2 ** 32))
      throw new Fault<ChunkerFaultCode>(
        "bad-chunk-sizes",
        `Cannot cut into chunks of ${sizes.min}, ${sizes.avg} and ${sizes.max} bytes: no other program could`,
        { hint: "Give a minimum of at least 48 bytes, an average of at most 8 MiB, and a maximum, in this order." },
      );
    this.sizes = sizes;
    this.#divisor = divisor;
    // h % d === d - 1 exactly where d divides h + 1. The odd part of d divides what is small after a multiplication by its
    // inverse: one multiplication a byte instead of a division. What that finds is divided. The comparison is one of
    // signed numbers, which are faster here, so both sides are shifted by 2^31; on the left that goes into the addition.
    const odd = divisor / 2 ** (Math.clz32(divisor & -divisor) ^ 31);
    this.#factor = inverse(odd);
    this.#shift = (this.#factor ^ 0x80000000) | 0;
    this.#limit = (Math.floor((2 ** 32 - 1) / odd) ^ 0x80000000) | 0;
  }

  /**
   * How long the chunk is that begins at `start`. `bytes` must reach from there to the end of the file, or have at least
   * `sizes.max` bytes from there.
   */
  chunkLength(bytes: Uint8Array, start: number): number {
    const { min, max } = this.sizes;
    const end = Math.min(bytes.length, start + max);
    if (end - start <= min) return end - start;
    const first = start + min;
    let hash = 0;
    for (let at = first - windowBytes; at < first; at += 1)
      hash = ((hash << 1) | (hash >>> 31)) ^ (buzhashTable[bytes[at] as number] as number);
    return min + this.#cut(bytes.subarray(first, end), bytes.subarray(first - windowBytes, end - windowBytes), hash);
  }

  /** How many bytes of `entering` belong to the chunk; `behind` are those that leave the window meanwhile. */
  #cut(entering: Uint8Array, behind: Uint8Array, begin: number): number {
    // All that the loop needs is at hand: half as fast again as with fields and one array.
    const table = buzhashTable;
    const out = leaving;
    const factor = this.#factor;
    const shift = this.#shift;
    const limit = this.#limit;
    const divisor = this.#divisor;
    const { length } = entering;
    let hash = begin;
    for (let at = 0; at < length; at += 1) {
      hash =
        ((hash << 1) | (hash >>> 31)) ^
        (out[behind[at] as number] as number) ^
        (table[entering[at] as number] as number);
      if (((Math.imul(hash, factor) + shift) | 0) <= limit && (hash >>> 0) % divisor === divisor - 1) return at + 1;
    }
    return length;
  }
}
