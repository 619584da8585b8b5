// Cuts a file into chunks and names them: for a release that is published, and for a seed that nobody has indexed.
import { type ChunkDigest, chunkIdBytes, type ChunkIndex, type ChunkSizes } from "../../format/chunk-index.ts";
import { readFully } from "../read-fully.ts";
import type { LocalBytes } from "../reader.ts";
import { chunkIdOf } from "./chunk-id.ts";
import { Chunker } from "./chunker.ts";

export interface CutChunk {
  /** Counts from 0. */
  readonly number: number;
  readonly offset: number;
  /** 32 bytes. */
  readonly id: Uint8Array;
  /** Valid until `onChunk` has returned, or what it returned has settled. */
  readonly bytes: Uint8Array;
}

export interface CutSettings {
  readonly sizes: ChunkSizes;
  /** SHA-512/256 where nothing is said, as in casync and desync. */
  readonly digest?: ChunkDigest;
  readonly signal?: AbortSignal;
}

const blockBytesMin = 4 << 20;

/**
 * The index of a file, cut at the places where desync cuts it. `onChunk` gets each chunk in order and is waited for;
 * it may throw. Holds four times `sizes.max` at most, and 4 MiB at least. Faults: `bad-chunk-sizes`, `file-shortened`,
 * and what reading throws.
 */
export async function cutFile(
  source: LocalBytes,
  { sizes, digest = "sha512-256", signal }: CutSettings,
  onChunk?: (chunk: CutChunk) => void | Promise<void>,
): Promise<ChunkIndex> {
  const chunker = new Chunker(sizes);
  const sizeBytes = await source.size();
  const block = new Uint8Array(Math.min(sizeBytes, Math.max(blockBytesMin, 4 * sizes.max)));
  const ends: number[] = [];
  const ids: Uint8Array[] = [];
  let held = 0;
  let at = 0;
  /** Of the first byte of `block`. */
  let offset = 0;
  while (offset + at < sizeBytes) {
    // Whatever is cut now, `max` bytes or all the rest are there.
    if (held - at < sizes.max && offset + held < sizeBytes) {
      signal?.throwIfAborted();
      block.copyWithin(0, at, held);
      held -= at;
      offset += at;
      at = 0;
      const more = block.subarray(held, Math.min(block.length, sizeBytes - offset));
      await readFully(source, offset + held, more);
      held += more.length;
    }
    const bytes = block.subarray(at, at + chunker.chunkLength(block.subarray(0, held), at));
    const id = chunkIdOf(digest, bytes);
    const waiting = onChunk?.({ number: ends.length, offset: offset + at, id, bytes });
    if (waiting !== undefined) await waiting;
    at += bytes.length;
    ends.push(offset + at);
    ids.push(id);
  }
  const allIds = new Uint8Array(ids.length * chunkIdBytes);
  for (const [number, id] of ids.entries()) allIds.set(id, number * chunkIdBytes);
  return { digest, sizes, ends: Float64Array.from(ends), ids: allIds };
}
