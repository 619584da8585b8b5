// Reads and writes `.caibx` files: the chunks of which a file consists, as casync and desync name them (casync:
// src/caformat.h and src/caindex.c). Numbers are little-endian and have 64 bits.
import { Fault } from "../base/fault.ts";

export type ChunkIndexFaultCode = "chunk-index-damaged" | "chunk-index-too-large";

/** What a chunk's id is: the digest of its bytes before compression. */
export type ChunkDigest = "sha512-256" | "sha256";

/** In bytes; chunks have about `avg`, at least `min` (but for the last one) and at most `max`. */
export interface ChunkSizes {
  readonly min: number;
  readonly avg: number;
  readonly max: number;
}

export interface ChunkIndex {
  readonly digest: ChunkDigest;
  readonly sizes: ChunkSizes;
  /** For each chunk the offset of its end in the file; strictly growing. */
  readonly ends: Float64Array;
  /** The ids, 32 bytes each. */
  readonly ids: Uint8Array;
}

export interface Chunk {
  readonly offset: number;
  readonly length: number;
  /** 32 bytes, a part of the index's own. */
  readonly id: Uint8Array;
}

export const chunkIdBytes = 32;
/** casync's own limit. */
const chunkBytesMax = 128 << 20;
const headerType = 0x96824d9c7b129ff9n;
const tableType = 0xe75b9e112f17417dn;
const tailMarker = 0x4b4f050e5549ecd1n;
const unknownSize = 0xffffffffffffffffn;
const headerBytes = 48;
const tableHeaderBytes = 16;
const itemBytes = 8 + chunkIdBytes;
const sha512Flag = 0x2000000000000000n;
/** desync and casync set it for every file ("exclude no-dump"); it says nothing about files. */
const usualFlag = 0x8000000000000000n;
/** 1.6 million chunks: 100 GB at the usual 64 KiB. */
const indexBytesMax = 64 << 20;

const damaged = (state: string): Fault<ChunkIndexFaultCode> =>
  new Fault("chunk-index-damaged", `Cannot read the chunk index: ${state}`);

/** Casync's bounds, and desync's order of the three. */
export function areChunkSizes({ min, avg, max }: ChunkSizes): boolean {
  return [min, avg, max].every(Number.isSafeInteger) && 1 <= min && min <= avg && avg <= max && max <= chunkBytesMax;
}

/** Of the file that the chunks make. */
export function indexedBytes(index: ChunkIndex): number {
  return index.ends.at(-1) ?? 0;
}

/** Counts from 0; the number must be below `index.ends.length`. */
export function chunkAt(index: ChunkIndex, number: number): Chunk {
  const offset = number === 0 ? 0 : (index.ends[number - 1] ?? 0);
  const id = index.ids.subarray(number * chunkIdBytes, (number + 1) * chunkIdBytes);
  return { offset, length: (index.ends[number] ?? 0) - offset, id };
}

/** The number of the chunk that has the byte at `offset`; how many chunks there are for an offset at or beyond the end. */
export function chunkNumberAt(index: ChunkIndex, offset: number): number {
  let low = 0;
  let high = index.ends.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((index.ends[middle] ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Throws a Fault (`chunk-index-damaged`, `chunk-index-too-large`). */
export function parseChunkIndex(bytes: Uint8Array): ChunkIndex {
  if (bytes.length > indexBytesMax)
    throw new Fault<ChunkIndexFaultCode>(
      "chunk-index-too-large",
      `Cannot read the chunk index: it has ${bytes.length} bytes, more than ${indexBytesMax}`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const itemsBytes = bytes.length - headerBytes - tableHeaderBytes - itemBytes;
  if (itemsBytes < 0 || itemsBytes % itemBytes !== 0)
    throw damaged("its length is not that of a header and whole items");
  const count = itemsBytes / itemBytes;
  const word = (offset: number): bigint => view.getBigUint64(offset, true);
  if (word(0) !== BigInt(headerBytes) || word(8) !== headerType) throw damaged("it does not begin as one");
  const sizes: ChunkSizes = { min: Number(word(24)), avg: Number(word(32)), max: Number(word(40)) };
  if (!areChunkSizes(sizes)) throw damaged(`chunks of ${sizes.min} to ${sizes.max} bytes make no sense`);
  if (word(48) !== unknownSize || word(56) !== tableType) throw damaged("its table does not begin as one");
  const tail = headerBytes + tableHeaderBytes + itemsBytes;
  const tableBytes = BigInt(tableHeaderBytes + itemsBytes + itemBytes);
  const wanted = [0n, 0n, BigInt(headerBytes), tableBytes, tailMarker];
  if (wanted.some((value, place) => word(tail + place * 8) !== value)) throw damaged("its table does not end as one");

  const ends = new Float64Array(count);
  const ids = new Uint8Array(count * chunkIdBytes);
  let before = 0;
  for (let number = 0; number < count; number += 1) {
    const at = headerBytes + tableHeaderBytes + number * itemBytes;
    const end = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
    if (end <= before || end - before > sizes.max || !Number.isSafeInteger(end))
      throw damaged(`chunk ${number} ends at ${end}, the one before it at ${before}`);
    ends[number] = end;
    ids.set(bytes.subarray(at + 8, at + itemBytes), number * chunkIdBytes);
    before = end;
  }
  return { digest: (word(16) & sha512Flag) === 0n ? "sha256" : "sha512-256", sizes, ends, ids };
}

/** The bytes that desync writes for the same chunks. */
export function formatChunkIndex(index: ChunkIndex): Uint8Array {
  const { digest, sizes, ends, ids } = index;
  const itemsBytes = ends.length * itemBytes;
  const bytes = new Uint8Array(headerBytes + tableHeaderBytes + itemsBytes + itemBytes);
  const view = new DataView(bytes.buffer);
  const put = (offset: number, ...values: readonly bigint[]): void => {
    for (const [place, value] of values.entries()) view.setBigUint64(offset + place * 8, value, true);
  };
  const flags = usualFlag | (digest === "sha512-256" ? sha512Flag : 0n);
  put(0, BigInt(headerBytes), headerType, flags, BigInt(sizes.min), BigInt(sizes.avg), BigInt(sizes.max));
  put(headerBytes, unknownSize, tableType);
  for (const [number, end] of ends.entries()) {
    const at = headerBytes + tableHeaderBytes + number * itemBytes;
    put(at, BigInt(end));
    bytes.set(ids.subarray(number * chunkIdBytes, (number + 1) * chunkIdBytes), at + 8);
  }
  const tableBytes = BigInt(tableHeaderBytes + itemsBytes + itemBytes);
  put(headerBytes + tableHeaderBytes + itemsBytes, 0n, 0n, BigInt(headerBytes), tableBytes, tailMarker);
  return bytes;
}
