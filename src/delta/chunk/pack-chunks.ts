// The publisher's side of chunks: what a release has that no release before it had goes into a pack, one compressed chunk
// after the other in the order of the image, so that whoever has the release before reads one pack in one request.
import { createHash, type Hash } from "node:crypto";
import { assert } from "../../base/assert.ts";
import { Fault } from "../../base/fault.ts";
import { parseSha256 } from "../../base/ids.ts";
import { type Chunk, chunkAt, type ChunkDigest, type ChunkIndex } from "../../format/chunk-index.ts";
import { packCheckBytes, type PackMap } from "../../format/pack-map.ts";
import type { ReleaseFile } from "../../format/release-files.ts";
import { readFully } from "../read-fully.ts";
import type { LocalBytes } from "../reader.ts";
import { ChunkTable, packCheckOf } from "./chunk-id.ts";
import type { ChunkStore } from "./chunk-store.ts";
import { compressChunk, isChunk, requireHoldable } from "./stored-chunk.ts";

/** Chunks that published packs have: what a resource of an earlier release says of its own. */
export interface PackedChunks {
  readonly index: ChunkIndex;
  readonly map: PackMap;
  readonly packs: readonly ReleaseFile[];
}

/** A pack that is being written; a DiskFile is one. */
export interface PackFile {
  write(offset: number, bytes: Uint8Array): Promise<void>;
}

export interface NewPack {
  /** Its path in the repository. */
  readonly name: string;
  /** Empty; the caller flushes and closes it once `packChunks` has returned. */
  readonly file: PackFile;
}

export interface PackChunksOptions {
  /** The resource, and its chunks as `cutFile` found them. */
  readonly source: LocalBytes;
  readonly index: ChunkIndex;
  /** Earlier releases whose packs stay published, newest first; for a second resource of this release the first one too. */
  readonly before: readonly PackedChunks[];
  /** Is asked for each pack when its first chunk comes; not at all where nothing is new. */
  readonly newPack: () => Promise<NewPack>;
  /** A pack that has so many bytes is followed by another one; 1 GiB where nothing is said. */
  readonly packBytesMax?: number;
  /** Gets every chunk it has not, or has damaged. The caller flushes it. */
  readonly store?: ChunkStore;
  /** Of zstd; 3 where nothing is said. */
  readonly level?: number;
  /** Bytes of the resource that are done. */
  readonly onBytes?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** `packs` are those the map names, in its order; `added` those of them that were written now. */
export interface ChunksPacked {
  readonly map: PackMap;
  readonly packs: readonly ReleaseFile[];
  readonly added: readonly ReleaseFile[];
}

/** Chunks that are compressed, written and read back at the same time. */
const atOnce = 8;

class PackWriter {
  readonly added: ReleaseFile[] = [];
  readonly #newPack: () => Promise<NewPack>;
  readonly #bytesMax: number;
  #open: { readonly name: string; readonly file: PackFile; readonly hash: Hash; sizeBytes: number } | undefined;

  constructor(newPack: () => Promise<NewPack>, bytesMax: number) {
    this.#newPack = newPack;
    this.#bytesMax = bytesMax;
  }

  /** The place of the chunk: the pack's position in `added`, and the offset. */
  async append(stored: Uint8Array): Promise<readonly [position: number, offset: number]> {
    if (this.#open !== undefined && this.#open.sizeBytes >= this.#bytesMax) this.finish();
    this.#open ??= { ...(await this.#newPack()), hash: createHash("sha256"), sizeBytes: 0 };
    const { file, hash, sizeBytes } = this.#open;
    hash.update(stored);
    await file.write(sizeBytes, stored);
    this.#open.sizeBytes += stored.length;
    return [this.added.length, sizeBytes];
  }

  finish(): void {
    if (this.#open === undefined) return;
    const { name, sizeBytes, hash } = this.#open;
    this.added.push({ name, sizeBytes, sha256: parseSha256(hash.digest("hex")) });
    this.#open = undefined;
  }
}

interface Known {
  readonly table: ChunkTable;
  readonly packed: PackedChunks;
}

/**
 * Where each chunk of the index is to be found, new packs written. Nothing is read or written any more once this has ended,
 * in whatever way. Faults: `chunk-too-large`, and what the files throw.
 */
export async function packChunks(options: PackChunksOptions): Promise<ChunksPacked> {
  const { source, index, store, level, signal } = options;
  const known: readonly Known[] = options.before
    .filter(({ index: { digest } }) => digest === index.digest)
    .map((packed) => ({ table: new ChunkTable(packed.index), packed }));
  const own = new ChunkTable(index);
  const writer = new PackWriter(options.newPack, options.packBytesMax ?? 1 << 30);
  const count = index.ends.length;
  const offsets = new Float64Array(count);
  const lengths = new Uint32Array(count);
  const checks = new Uint8Array(count * packCheckBytes);
  /** For each chunk its pack: a published one, or the position of a new one. */
  const places: (ReleaseFile | number)[] = [];

  const queue: { readonly number: number; readonly isNew: boolean; readonly stored: Promise<Uint8Array> }[] = [];
  const settleOne = async (): Promise<void> => {
    const one = queue.shift();
    if (one === undefined) return;
    const stored = await one.stored;
    if (one.isNew) {
      const [position, offset] = await writer.append(stored);
      places[one.number] = position;
      offsets[one.number] = offset;
      lengths[one.number] = stored.length;
      checks.set(packCheckOf(stored), one.number * packCheckBytes);
    }
    const { offset, length } = chunkAt(index, one.number);
    options.onBytes?.(offset + length);
  };

  try {
    for (let number = 0; number < count; number += 1) {
      signal?.throwIfAborted();
      const chunk = chunkAt(index, number);
      requireHoldable(chunk.length);
      // A chunk that is there twice is packed once.
      if (own.find(chunk.id, chunk.length) !== number) continue;
      const place = publishedPlace(known, index, number);
      if (place !== undefined) {
        places[number] = place.pack;
        offsets[number] = place.offset;
        lengths[number] = place.length;
        checks.set(place.check, number * packCheckBytes);
      }
      const isNew = place === undefined;
      if (!isNew && store === undefined) continue;
      queue.push({ number, isNew, stored: provide(source, chunk, { isNew, store, level, digest: index.digest }) });
      // What fails is thrown where it is waited for.
      queue.at(-1)?.stored.catch(() => undefined);
      if (queue.length >= atOnce) await settleOne();
    }
    while (queue.length > 0) await settleOne();
  } finally {
    // Where it failed, nothing is written any more once the caller knows, and lets go of its lock.
    await Promise.allSettled(queue.map(({ stored }) => stored));
  }
  writer.finish();
  options.onBytes?.(index.ends.at(-1) ?? 0);

  const packs: ReleaseFile[] = [];
  const numbers = new Map<string, number>();
  const packNumbers = new Uint32Array(count);
  for (let number = 0; number < count; number += 1) {
    const { id, length } = chunkAt(index, number);
    const first = own.find(id, length) ?? number;
    const place = places[first];
    const pack = typeof place === "number" ? writer.added[place] : place;
    assert(pack !== undefined, "each chunk has a place");
    let packNumber = numbers.get(pack.name);
    if (packNumber === undefined) {
      packNumber = packs.push(pack) - 1;
      numbers.set(pack.name, packNumber);
    }
    packNumbers[number] = packNumber;
    offsets[number] = offsets[first] ?? 0;
    lengths[number] = lengths[first] ?? 0;
    checks.copyWithin(number * packCheckBytes, first * packCheckBytes, (first + 1) * packCheckBytes);
  }
  return { map: { packs: packNumbers, offsets, lengths, checks }, packs, added: writer.added };
}

function publishedPlace(
  known: readonly Known[],
  index: ChunkIndex,
  number: number,
):
  | { readonly pack: ReleaseFile; readonly offset: number; readonly length: number; readonly check: Uint8Array }
  | undefined {
  const { id, length } = chunkAt(index, number);
  for (const { table, packed } of known) {
    const found = table.find(id, length);
    if (found === undefined) continue;
    const pack = packed.packs[packed.map.packs[found] ?? -1];
    if (pack === undefined) continue;
    const { offsets, lengths, checks } = packed.map;
    const check = checks.subarray(found * packCheckBytes, (found + 1) * packCheckBytes);
    return { pack, offset: offsets[found] ?? 0, length: lengths[found] ?? 0, check };
  }
  return undefined;
}

/** The compressed chunk, put into the store too; nothing where neither pack nor store needs it. */
async function provide(
  source: LocalBytes,
  chunk: Chunk,
  {
    isNew,
    store,
    level,
    digest,
  }: {
    readonly isNew: boolean;
    readonly store: ChunkStore | undefined;
    readonly level: number | undefined;
    readonly digest: ChunkDigest;
  },
): Promise<Uint8Array> {
  const isStored = store === undefined || (await store.has(chunk));
  if (!isNew && isStored) return new Uint8Array(0);
  const stored = await compressChunk(await bytesOf(source, chunk, digest), level);
  if (!isStored) await store?.write(chunk.id, stored);
  return stored;
}

/** What was read when the file was cut has to come again: otherwise a chunk gets the name of other bytes. Read twice before that is so. */
async function bytesOf(source: LocalBytes, chunk: Chunk, digest: ChunkDigest): Promise<Uint8Array> {
  const bytes = new Uint8Array(chunk.length);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await readFully(source, chunk.offset, bytes);
    if (isChunk(bytes, chunk, digest)) return bytes;
  }
  throw new Fault("chunk-damaged", `Cannot pack the bytes from ${chunk.offset} on: they are others than a moment ago`, {
    hint: "The file was changed meanwhile, or its disk is failing. Nothing was published.",
  });
}
