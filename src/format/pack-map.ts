// Where each chunk of an index lies in the packs of a repository: pack, offset, compressed length. A format of our own:
//   8 bytes "HFPKMAP1", the number of chunks, then for each chunk in the order of the index
//   its compressed length times two, plus one where it does not follow the chunk before it in the same pack;
//   in that case the pack's number and the offset in it;
//   then for each chunk the first 8 bytes of the SHA-256 of its compressed form.
// Numbers are variable-length: seven bits a byte, lowest first, the highest bit set where another byte follows. A release
// whose chunks are all new needs eleven bytes a chunk.
import { Fault } from "../base/fault.ts";
import { ColumnWriter } from "./byte-columns.ts";

export type PackMapFaultCode = "pack-map-damaged";

export interface PackMap {
  /** Numbers in the manifest's list of packs. */
  readonly packs: Uint32Array;
  readonly offsets: Float64Array;
  /** Of the compressed chunks, in bytes; at least one. */
  readonly lengths: Uint32Array;
  /**
   * What compressed chunks are proven by before anything decompresses them, `packCheckBytes` of each: enough to keep a
   * stranger's bytes from the decompressor. What counts in the end is the chunk's id.
   */
  readonly checks: Uint8Array;
}

export const packCheckBytes = 8;

const magic: Uint8Array = new TextEncoder().encode("HFPKMAP1");
const chunksMax = 2_000_000;
/** As the manifest bounds its list. */
const packsMax = 100_000;
/** What 128 MiB may grow to where nothing compresses. */
const storedBytesMax = 129 << 20;
/** Bytes of a number; four of seven bits and the rest of 53. */
const numberBytesMax = 8;

const damaged = (state: string): Fault<PackMapFaultCode> =>
  new Fault("pack-map-damaged", `Cannot read the map of the packs: ${state}`);

class NumberReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  next(max: number, what: string): number {
    let value = 0;
    for (let place = 0, scale = 1; place < numberBytesMax; place += 1, scale *= 128) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw damaged("it ends early");
      this.#at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        // One way of writing each number, so that one map has one form.
        if (byte === 0 && place > 0) throw damaged(`a number is longer than it need be`);
        if (value > max) throw damaged(`${what} is ${value}`);
        return value;
      }
    }
    throw damaged(`${what} has no end`);
  }
}

/** Throws a Fault (`pack-map-damaged`). */
export function parsePackMap(bytes: Uint8Array): PackMap {
  if (magic.some((byte, place) => bytes[place] !== byte)) throw damaged("it does not begin as one");
  const reader = new NumberReader(bytes, magic.length);
  const count = reader.next(chunksMax, "the number of chunks");
  if (count > reader.left) throw damaged("it is too short for its chunks");
  const packs = new Uint32Array(count);
  const offsets = new Float64Array(count);
  const lengths = new Uint32Array(count);
  let pack = 0;
  let end = 0;
  for (let number = 0; number < count; number += 1) {
    const head = reader.next(storedBytesMax * 2 + 1, "a compressed length");
    if (head % 2 === 1) {
      const [packBefore, endBefore] = [pack, end];
      pack = reader.next(packsMax - 1, "the number of a pack");
      end = reader.next(2 ** 50, "an offset");
      if (pack === packBefore && end === endBefore) throw damaged("a place is told that need not be");
    }
    const length = Math.floor(head / 2);
    if (length === 0) throw damaged("a chunk has no bytes");
    packs[number] = pack;
    offsets[number] = end;
    lengths[number] = length;
    end += length;
  }
  if (reader.left !== count * packCheckBytes) throw damaged("it has no check for each chunk");
  const checks = bytes.slice(bytes.length - reader.left);
  return { packs, offsets, lengths, checks };
}

export function formatPackMap({ packs, offsets, lengths, checks }: PackMap): Uint8Array {
  const written = new ColumnWriter();
  written.putBytes(magic);
  written.put(packs.length);
  let pack = 0;
  let end = 0;
  for (const [number, length] of lengths.entries()) {
    const [atPack, atOffset] = [packs[number] ?? 0, offsets[number] ?? 0];
    const follows = atPack === pack && atOffset === end;
    written.put(length * 2 + (follows ? 0 : 1));
    if (!follows) {
      written.put(atPack);
      written.put(atOffset);
    }
    pack = atPack;
    end = atOffset + length;
  }
  written.putBytes(checks);
  return written.bytes();
}
