// A chunk as it lies in a store or a pack: one compressed frame. Whatever comes out of it counts only when its length and
// its id are right: stores with empty or cut files under good names are found in the wild.
import { constants, gunzipSync, zstdCompress, zstdDecompressSync, type ZstdOptions } from "node:zlib";
import { Fault } from "../../base/fault.ts";
import type { Chunk, ChunkDigest } from "../../format/chunk-index.ts";
import { chunkIdOf, isSameId, nameOf, packCheckOf } from "./chunk-id.ts";

export type StoredChunkFaultCode = "chunk-damaged" | "chunk-compression" | "chunk-too-large";

/**
 * Decompresses one stored chunk that is to have `length` bytes; returns others, or throws, where it has not. The way to
 * hand in a process without privileges, or a decoder for xz.
 */
export type Decompress = (stored: Uint8Array, length: number) => Uint8Array | Promise<Uint8Array>;

/** What one chunk may take here at most, whatever an index allows: more is no use and would have to be held in memory. */
export const chunkBytesHeldMax: number = 16 << 20;
/** As desync has it. */
const usualLevel = 3;
/** Enough for a chunk of the largest size; a frame that asks for more memory is refused. */
const windowLogMax = 24;

/** More than zstd, gzip and xz ever make of so many bytes. */
export function storedBytesMax(length: number): number {
  return length + (length >>> 7) + 1024;
}

/** Relative to the folder of the store; desync and casync have the same. */
export function chunkPath(id: Uint8Array): string {
  const name = nameOf(id);
  return `${name.slice(0, 4)}/${name}.cacnk`;
}

/** The frame that goes into packs and stores, compressed in another thread. */
export function compressChunk(bytes: Uint8Array, level: number = usualLevel): Promise<Uint8Array> {
  const options: ZstdOptions = {
    pledgedSrcSize: bytes.length,
    chunkSize: Math.max(64, storedBytesMax(bytes.length)),
    params: { [constants.ZSTD_c_compressionLevel]: level },
  };
  return new Promise((resolve, reject) =>
    zstdCompress(bytes, options, (error, stored) => (error === null ? resolve(stored) : reject(error))),
  );
}

const begins = (bytes: Uint8Array, ...magic: readonly number[]): boolean =>
  magic.every((byte, place) => bytes[place] === byte);

/** Zstd, and gzip, which casync may have used. Throws a Fault (`chunk-compression`) for xz and what is none of these. */
export function decompressHere(stored: Uint8Array, length: number): Uint8Array {
  const bounds = { maxOutputLength: Math.max(1, length), chunkSize: Math.max(64, length) };
  if (begins(stored, 0x28, 0xb5, 0x2f, 0xfd))
    return zstdDecompressSync(stored, { ...bounds, params: { [constants.ZSTD_d_windowLogMax]: windowLogMax } });
  if (begins(stored, 0x1f, 0x8b)) return gunzipSync(stored, bounds);
  const isXz = begins(stored, 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0);
  throw new Fault<StoredChunkFaultCode>(
    "chunk-compression",
    `Cannot read a chunk: ${isXz ? "it is compressed with xz" : "its compression is unknown"}`,
    isXz ? { hint: "Holdfast reads chunks in zstd and gzip: make the store again with zstd." } : {},
  );
}

/** Throws a Fault (`chunk-too-large`) before anything is allocated for a chunk. */
export function requireHoldable(length: number): void {
  if (length <= chunkBytesHeldMax) return;
  throw new Fault<StoredChunkFaultCode>(
    "chunk-too-large",
    `Cannot use a chunk of ${length} bytes: at most ${chunkBytesHeldMax} are held at once`,
    { hint: "Cut the file into smaller chunks; 16, 64 and 256 KiB are usual." },
  );
}

/** Throws a Fault (`chunk-damaged`) where a compressed chunk is not the one the map knows: it is not decompressed then. */
export function requireCheck(stored: Uint8Array, { id }: Chunk, check: Uint8Array): void {
  if (!isSameId(packCheckOf(stored), check)) throw damaged(id, "the pack has other bytes there");
}

const damaged = (id: Uint8Array, state: string, cause?: unknown): Fault<StoredChunkFaultCode> =>
  new Fault("chunk-damaged", `Cannot use the chunk ${nameOf(id)}: ${state}`, {
    retriable: true,
    ...(cause === undefined ? {} : { cause }),
  });

/** Whether these bytes are the chunk. */
export function isChunk(bytes: Uint8Array, { id, length }: Chunk, digest: ChunkDigest): boolean {
  return bytes.length === length && isSameId(chunkIdOf(digest, bytes), id);
}

/** The chunk in a compressed frame. Faults: `chunk-damaged`, `chunk-compression`, `chunk-too-large`. */
export async function openStored(
  stored: Uint8Array,
  chunk: Chunk,
  digest: ChunkDigest,
  decompress: Decompress = decompressHere,
): Promise<Uint8Array> {
  requireHoldable(chunk.length);
  let bytes: Uint8Array;
  try {
    bytes = await decompress(stored, chunk.length);
  } catch (error) {
    if (error instanceof Fault && error.code !== "chunk-damaged") throw error;
    throw damaged(chunk.id, "it cannot be decompressed", error);
  }
  if (!isChunk(bytes, chunk, digest)) throw damaged(chunk.id, "its bytes are other ones");
  return bytes;
}

/** Reads a file of the store, `undefined` where there is none; throws where it has more than `bytesMax`. */
export type ReadStored = (path: string, bytesMax: number) => Promise<Uint8Array | undefined>;

/**
 * A chunk of a store of one file a chunk, compressed or as it is. Faults: those of `openStored`, `chunk-missing`, and what
 * `read` throws.
 */
export async function readStoredChunk(
  read: ReadStored,
  chunk: Chunk,
  digest: ChunkDigest,
  decompress?: Decompress,
): Promise<Uint8Array> {
  requireHoldable(chunk.length);
  const path = chunkPath(chunk.id);
  const stored = await read(path, storedBytesMax(chunk.length));
  if (stored !== undefined) return openStored(stored, chunk, digest, decompress);
  const plain = await read(path.slice(0, -".cacnk".length), chunk.length);
  if (plain === undefined)
    throw new Fault("chunk-missing", `Cannot read the chunk ${nameOf(chunk.id)}: the store has it not`);
  if (!isChunk(plain, chunk, digest)) throw damaged(chunk.id, "its bytes are other ones");
  return plain;
}
