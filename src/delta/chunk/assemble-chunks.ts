// Puts a file together from its chunks, in order: from seeds, packs and stores, each chunk proven by its id whatever it
// comes from (P9). A seed that turns out damaged costs the damaged chunks, which come from elsewhere then.
import { assert } from "../../base/assert.ts";
import { Fault } from "../../base/fault.ts";
import { chunkAt, chunkNumberAt } from "../../format/chunk-index.ts";
import { packCheckBytes } from "../../format/pack-map.ts";
import type { FetchRange } from "../reader.ts";
import { type ChunkOrigin, type ChunkPlan, pieceOf, planChunks } from "./plan-chunks.ts";
import { RangeReader } from "./range-reader.ts";
import { blockBytesMax, blockCount, readBlock, type Seed, wrongChunks } from "./seed.ts";
import { type Decompress, openStored, readStoredChunk, requireCheck } from "./stored-chunk.ts";

export interface ChunkIo {
  readonly fetch: FetchRange;
  /** In this process where nothing is said. */
  readonly decompress?: Decompress;
  readonly signal?: AbortSignal;
  /** A chunk of a seed is not what it should be, and comes from elsewhere. */
  readonly onDamagedSeed?: (seed: Seed) => void;
}

/** Proven bytes of the file, valid until the next part is asked for. */
export interface FilePart {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Requests that are under way at once to a store of one file a chunk. */
const storeAtOnce = 6;
/** A seed that was damaged in so many places is looked at whole, so that what it lacks comes in few requests. */
const damagedPlacesMax = 3;

/**
 * The file from the plan's `fromByte` to its end, in order. Holds a few MiB beside chunks that are needed again (16 MiB
 * at most). Faults: `chunk-damaged`, `chunk-missing`, `chunk-compression`, `pack-cut`, and what fetching throws; what
 * was yielded is good, and a new plan goes on behind it. The seeds remember what is damaged. What was yielded is valid
 * until the next is asked for.
 */
export async function* assembleChunks(plan: ChunkPlan, io: ChunkIo): AsyncGenerator<Uint8Array> {
  assert(plan.only === undefined, "parts of a file are brought by bringChunks");
  let at = plan.fromByte ?? 0;
  for await (const { offset, bytes } of bringChunks(plan, io)) {
    assert(offset <= at, "chunks come in order");
    yield bytes.subarray(at - offset);
    at = offset + bytes.length;
  }
}

/** The chunks that a plan is about, in order, several that lie together in one part. Otherwise as `assembleChunks`. */
export async function* bringChunks(plan: ChunkPlan, io: ChunkIo): AsyncGenerator<FilePart> {
  const count = plan.index.ends.length;
  let supplier = new Supplier(plan, io);
  let current = plan;
  const damagedPlaces = new Map<Seed, number>();
  const room = new Uint8Array(blockBytesMax);
  try {
    for (let number = chunkNumberAt(plan.index, plan.fromByte ?? 0); number < count; ) {
      io.signal?.throwIfAborted();
      const origin = current.origins[number];
      if (origin === undefined) {
        number += 1;
        continue;
      }
      if (origin.kind !== "seed") {
        yield { offset: chunkAt(plan.index, number).offset, bytes: await supplier.chunk(number, origin) };
        number += 1;
        continue;
      }
      const { seed } = origin;
      const block = await seedBlock(current, number, origin, io, room);
      yield* block.parts;
      number += block.count;
      if (!block.damaged) continue;
      const places = (damagedPlaces.get(seed) ?? 0) + 1;
      damagedPlaces.set(seed, places);
      if (places !== damagedPlacesMax) continue;
      const left = seedNumbers(current, seed, number);
      for (const wrong of await wrongChunks(seed.bytes, seed.index, { only: left, ...signalOf(io) }))
        seed.damaged.add(wrong);
      await supplier.close();
      current = planChunks({
        ...plan,
        fromByte: number < count ? chunkAt(plan.index, number).offset : plannedEnd(plan),
      });
      supplier = new Supplier(current, io);
    }
  } finally {
    await supplier.close();
  }
}

const plannedEnd = ({ index }: ChunkPlan): number => index.ends.at(-1) ?? 0;
const signalOf = ({ signal }: ChunkIo): { signal?: AbortSignal } => (signal === undefined ? {} : { signal });

/** Which chunks of the seed, by its own numbers, are still to be read. */
function seedNumbers(plan: ChunkPlan, seed: Seed, from: number): readonly number[] {
  const numbers = new Set<number>();
  for (const origin of plan.origins.slice(from))
    if (origin?.kind === "seed" && origin.seed === seed) numbers.add(origin.place);
  return [...numbers].toSorted((one, other) => one - other);
}

interface SeedBlock {
  readonly parts: readonly FilePart[];
  readonly count: number;
  readonly damaged: boolean;
}

/** Chunks that lie together in the file and in the seed, with what is damaged brought from elsewhere. */
async function seedBlock(
  plan: ChunkPlan,
  first: number,
  { seed, place, offset }: ChunkOrigin & { readonly kind: "seed" },
  io: ChunkIo,
  room: Uint8Array,
): Promise<SeedBlock> {
  const { index } = plan;
  const count = blockCount(index, first, (number) => {
    const origin = plan.origins[number];
    return origin?.kind === "seed" && origin.seed === seed && origin.place === place + number - first;
  });
  const begin = chunkAt(index, first).offset;
  const { bytes, wrong } = await readBlock(seed.bytes, offset, index, first, count, room);
  if (wrong.length === 0) return { parts: [{ offset: begin, bytes }], count, damaged: false };
  for (const number of wrong) seed.damaged.add(place + number - first);
  io.onDamagedSeed?.(seed);
  const { fromByte: _fromByte, ...rest } = plan;
  for await (const mended of bringChunks(planChunks({ ...rest, only: new Set(wrong) }), io))
    bytes.set(mended.bytes, mended.offset - begin);
  return { parts: [{ offset: begin, bytes }], count, damaged: true };
}

/** Chunks from the repository, in the order of the plan. */
class Supplier {
  readonly #plan: ChunkPlan;
  readonly #io: ChunkIo;
  readonly #readers: Map<number, RangeReader> = new Map();
  readonly #kept: Map<number, { readonly bytes: Uint8Array; uses: number }> = new Map();
  /** Of a store: what was asked for ahead, and the number up to which that was done. */
  readonly #ahead: Map<number, Promise<Uint8Array>> = new Map();
  #aheadTo = 0;

  constructor(plan: ChunkPlan, io: ChunkIo) {
    this.#plan = plan;
    this.#io = io;
  }

  async chunk(number: number, origin: Exclude<ChunkOrigin, { readonly kind: "seed" }>): Promise<Uint8Array> {
    if (origin.kind === "again") {
      const kept = this.#kept.get(origin.number);
      assert(kept !== undefined, "a chunk that is needed again was kept");
      kept.uses -= 1;
      if (kept.uses === 0) this.#kept.delete(origin.number);
      // Whoever got it before may have changed it.
      return kept.bytes.slice();
    }
    const bytes = await (this.#plan.supply.kind === "packs"
      ? this.#fromPack(number, origin.run, this.#plan.supply)
      : this.#fromStore(number));
    if (origin.keep > 0) this.#kept.set(number, { bytes: bytes.slice(), uses: origin.keep });
    return bytes;
  }

  async close(): Promise<void> {
    const readers = [...this.#readers.values()];
    this.#readers.clear();
    await Promise.all(readers.map((reader) => reader.close()));
    await Promise.allSettled(this.#ahead.values());
  }

  async #fromPack(number: number, run: number, { map }: ChunkPlan["supply"] & { kind: "packs" }): Promise<Uint8Array> {
    const wanted = this.#plan.runs[run];
    assert(wanted !== undefined, "each fetched chunk has a run");
    let reader = this.#readers.get(run);
    if (reader === undefined) {
      reader = new RangeReader(this.#io.fetch(wanted.file, wanted.offset, wanted.length), wanted.offset);
      this.#readers.set(run, reader);
    }
    const { offset, length } = pieceOf(map, number);
    const stored = await reader.take(offset, length);
    const { index } = this.#plan;
    const chunk = chunkAt(index, number);
    requireCheck(stored, chunk, map.checks.subarray(number * packCheckBytes, (number + 1) * packCheckBytes));
    const bytes = await openStored(stored, chunk, index.digest, this.#io.decompress);
    if (offset + length === wanted.offset + wanted.length) {
      this.#readers.delete(run);
      await reader.finish();
    }
    return bytes;
  }

  async #fromStore(number: number): Promise<Uint8Array> {
    const { supply, index, origins } = this.#plan;
    assert(supply.kind === "store", "the plan is about a store");
    this.#aheadTo = Math.max(this.#aheadTo, number);
    for (; this.#aheadTo < origins.length && this.#ahead.size < storeAtOnce; this.#aheadTo += 1) {
      const asked = this.#aheadTo;
      if (origins[asked]?.kind !== "fetch") continue;
      const coming = readStoredChunk(supply.read, chunkAt(index, asked), index.digest, this.#io.decompress);
      // It is thrown where it is waited for.
      coming.catch(() => undefined);
      this.#ahead.set(asked, coming);
    }
    const coming = this.#ahead.get(number);
    if (coming === undefined) throw new Fault("chunk-missing", `Cannot bring chunk ${number}: it was not asked for`);
    this.#ahead.delete(number);
    return coming;
  }
}
