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
  readonly #twos: number;
  readonly #inverse: number;
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
    this.#twos = Math.clz32(divisor & -divisor) ^ 31;
    this.#inverse = inverse(divisor >>> this.#twos);
    // What divides is a small number after the multiplication; compared as signed numbers, which are faster here.
    this.#limit = (Math.floor((2 ** 32 - 1) / divisor) ^ 0x80000000) | 0;
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
    const cut = this.#cut(bytes, first, end, hash);
    return cut - start;
  }

  // h % d === d - 1 exactly where d divides h + 1; for the odd part of d a multiplication by its inverse tells, the twos
  // are turned to the top. One multiplication a byte instead of a division.
  #cut(bytes: Uint8Array, first: number, end: number, begin: number): number {
    const [table, out, twos, factor, limit] = [buzhashTable, leaving, this.#twos, this.#inverse, this.#limit];
    let hash = begin;
    for (let at = first; at < end; at += 1) {
      hash =
        ((hash << 1) | (hash >>> 31)) ^
        (out[bytes[at - windowBytes] as number] as number) ^
        (table[bytes[at] as number] as number);
      const product = Math.imul(hash + 1, factor);
      const turned = ((product >>> twos) | (product << (32 - twos))) ^ 0x80000000;
      // The multiplication takes 2^32 for 0: what it finds is looked at again.
      if (turned <= limit && (hash >>> 0) % this.#divisor === this.#divisor - 1) return at + 1;
    }
    return end;
  }
}
