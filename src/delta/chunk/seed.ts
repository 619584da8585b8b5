// A file of this machine that has chunks of what is wanted: an installed version, a partial download, any file the user
// named. It is believed chunk by chunk, when it is read.
import { type ChunkIndex, chunkAt } from "../../format/chunk-index.ts";
import type { LocalBytes } from "../reader.ts";
import { ChunkTable } from "./chunk-id.ts";
import { isChunk } from "./stored-chunk.ts";

/** Of one read. */
export const blockBytesMax: number = 1 << 20;

export interface SeedPlace {
  readonly number: number;
  readonly offset: number;
}

export class Seed {
  readonly bytes: LocalBytes;
  readonly index: ChunkIndex;
  /** Numbers of chunks that are other bytes than the index says; grows when more are found. */
  readonly damaged: Set<number>;
  readonly #table: ChunkTable;

  /**
   * `index`: what the file was when it was good, or what `cutFile` makes of it with the settings of the wanted file. Its
   * ids must be of the wanted file's digest, or nothing is found. `damaged`: what is known already.
   */
  constructor(bytes: LocalBytes, index: ChunkIndex, damaged: Iterable<number> = []) {
    this.bytes = bytes;
    this.index = index;
    this.damaged = new Set(damaged);
    this.#table = new ChunkTable(index);
  }

  /** Where the chunk lies, best behind `previous`, so that both are read at once. */
  find(id: Uint8Array, length: number, previous: number | undefined): SeedPlace | undefined {
    if (previous !== undefined && previous + 1 < this.index.ends.length && !this.damaged.has(previous + 1)) {
      const next = chunkAt(this.index, previous + 1);
      if (next.length === length && Buffer.compare(next.id, id) === 0)
        return { number: previous + 1, offset: next.offset };
    }
    const number = this.#table.find(id, length);
    if (number === undefined || this.damaged.has(number)) return undefined;
    return { number, offset: chunkAt(this.index, number).offset };
  }
}

export interface WrongChunksOptions {
  /** Looks at these only; in growing order. */
  readonly only?: readonly number[];
  readonly onBytes?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * The numbers of the chunks that are not what the index says, in order: other bytes, none (the file is too short), or
 * bytes that cannot be read. For a repair, `bytes` should come from the medium rather than from a cache.
 */
export async function wrongChunks(
  bytes: LocalBytes,
  index: ChunkIndex,
  { only, onBytes, signal }: WrongChunksOptions = {},
): Promise<readonly number[]> {
  const wanted = only ?? [...index.ends.keys()];
  const room = new Uint8Array(blockBytesMax);
  const wrong: number[] = [];
  let done = 0;
  for (let place = 0; place < wanted.length; ) {
    signal?.throwIfAborted();
    const first = wanted[place] ?? 0;
    const begin = place;
    const count = blockCount(index, first, (number) => wanted[begin + number - first] === number);
    const block = await readBlock(bytes, chunkAt(index, first).offset, index, first, count, room);
    wrong.push(...block.wrong);
    done += block.bytes.length;
    onBytes?.(done);
    place += count;
  }
  return wrong;
}

/**
 * Reads `count` chunks of `index` that lie together at `offset` of `bytes`; `wrong` are the numbers of those that do not.
 * What cannot be read is wrong, chunk by chunk. The bytes lie in `room` where they fit.
 */
export async function readBlock(
  bytes: LocalBytes,
  offset: number,
  index: ChunkIndex,
  first: number,
  count: number,
  room: Uint8Array,
): Promise<{ readonly bytes: Uint8Array; readonly wrong: readonly number[] }> {
  const begin = chunkAt(index, first).offset;
  const length = (index.ends[first + count - 1] ?? 0) - begin;
  const block = length <= room.length ? room.subarray(0, length) : new Uint8Array(length);
  const read = async (at: number, length: number): Promise<number> =>
    bytes.read(offset + at, block.subarray(at, at + length)).catch(() => -1);
  const got = await read(0, block.length);
  const wrong: number[] = [];
  for (let number = first; number < first + count; number += 1) {
    const chunk = chunkAt(index, number);
    const at = chunk.offset - begin;
    const there = got < 0 && count > 1 ? (await read(at, chunk.length)) === chunk.length : at + chunk.length <= got;
    if (!there || !isChunk(block.subarray(at, at + chunk.length), chunk, index.digest)) wrong.push(number);
  }
  return { bytes: block, wrong };
}

/** How many chunks from `first` on one read may bring, where `lies` says whether a chunk lies behind the one before it. */
export function blockCount(index: ChunkIndex, first: number, lies: (number: number) => boolean): number {
  const begin = chunkAt(index, first).offset;
  let count = 1;
  while (
    first + count < index.ends.length &&
    (index.ends[first + count] ?? 0) - begin <= blockBytesMax &&
    lies(first + count)
  )
    count += 1;
  return count;
}
