// What a chunk is called, and finding chunks by that.
import { hash } from "node:crypto";
import { type ChunkDigest, chunkAt, chunkIdBytes, type ChunkIndex } from "../../format/chunk-index.ts";
import { packCheckBytes } from "../../format/pack-map.ts";

/** 32 bytes. */
export function chunkIdOf(digest: ChunkDigest, bytes: Uint8Array): Uint8Array {
  return hash(digest, bytes, "buffer");
}

/** What a compressed chunk is proven by in a pack's map (format/pack-map.ts). */
export function packCheckOf(stored: Uint8Array): Uint8Array {
  return hash("sha256", stored, "buffer").subarray(0, packCheckBytes);
}

export function isSameId(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let place = 0; place < one.length; place += 1) if (one[place] !== other[place]) return false;
  return true;
}

/** 64 hex digits. */
export function nameOf(id: Uint8Array): string {
  return Buffer.from(id).toString("hex");
}

/** Its first 48 bits, which tell nearly all ids apart. */
function keyOf(id: Uint8Array): number {
  let key = 0;
  for (let place = 0; place < 6; place += 1) key = key * 256 + (id[place] ?? 0);
  return key;
}

/** The first chunk of an index with each id. */
export class ChunkTable {
  readonly #index: ChunkIndex;
  readonly #numbers: Map<number, number> = new Map();
  /** Those that begin like another one, by the whole id. */
  readonly #alike: Map<string, number> = new Map();

  /** `skip`: numbers of chunks that are not to be found. */
  constructor(index: ChunkIndex, skip?: ReadonlySet<number>) {
    this.#index = index;
    for (let number = 0; number < index.ends.length; number += 1) {
      if (skip?.has(number) === true) continue;
      const id = this.#idAt(number);
      const key = keyOf(id);
      const other = this.#numbers.get(key);
      if (other === undefined) this.#numbers.set(key, number);
      else if (!isSameId(this.#idAt(other), id)) {
        const name = nameOf(id);
        if (!this.#alike.has(name)) this.#alike.set(name, number);
      }
    }
  }

  /** The number of the first chunk with this id, if it has this length. */
  find(id: Uint8Array, length: number): number | undefined {
    const first = this.#numbers.get(keyOf(id));
    if (first === undefined) return undefined;
    const number = isSameId(this.#idAt(first), id) ? first : this.#alike.get(nameOf(id));
    if (number === undefined) return undefined;
    return chunkAt(this.#index, number).length === length ? number : undefined;
  }

  #idAt(number: number): Uint8Array {
    return this.#index.ids.subarray(number * chunkIdBytes, (number + 1) * chunkIdBytes);
  }
}
