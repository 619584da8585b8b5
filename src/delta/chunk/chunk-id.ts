// What a chunk is called, and finding chunks by that.
import { hash } from "node:crypto";
import { type ChunkDigest, chunkAt, chunkIdBytes, type ChunkIndex } from "../../format/chunk-index.ts";

/** 32 bytes. */
export function chunkIdOf(digest: ChunkDigest, bytes: Uint8Array): Uint8Array {
  return hash(digest, bytes, "buffer");
}

export function isSameId(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let place = 0; place < one.length; place += 1) if (one[place] !== other[place]) return false;
  return true;
}

/** Its first 48 bits: enough to tell honest ids apart; others are compared in whole. */
function keyOf(id: Uint8Array): number {
  let key = 0;
  for (let place = 0; place < 6; place += 1) key = key * 256 + (id[place] ?? 0);
  return key;
}

/** The first chunk of an index with each id. */
export class ChunkTable {
  readonly #index: ChunkIndex;
  readonly #numbers: Map<number, number> = new Map();

  /** `skip`: numbers of chunks that are not to be found. */
  constructor(index: ChunkIndex, skip?: ReadonlySet<number>) {
    this.#index = index;
    for (let number = 0; number < index.ends.length; number += 1) {
      const key = keyOf(this.#idAt(number));
      if (skip?.has(number) !== true && !this.#numbers.has(key)) this.#numbers.set(key, number);
    }
  }

  /** The number of a chunk with this id and length. Of two ids that begin alike on purpose, one is not found. */
  find(id: Uint8Array, length: number): number | undefined {
    const number = this.#numbers.get(keyOf(id));
    if (number === undefined || !isSameId(this.#idAt(number), id)) return undefined;
    return chunkAt(this.#index, number).length === length ? number : undefined;
  }

  #idAt(number: number): Uint8Array {
    return this.#index.ids.subarray(number * chunkIdBytes, (number + 1) * chunkIdBytes);
  }
}
