// By chunks: what any file of this machine has of the resource is taken from there, the rest from the packs of the
// repository (issue 5). Each chunk is proven by its id, whatever it comes from.
import { Fault } from "../../../base/fault.ts";
import { assembleChunks } from "../../../delta/chunk/assemble-chunks.ts";
import { cutFile } from "../../../delta/chunk/cut-file.ts";
import { type ChunkPlan, planChunks } from "../../../delta/chunk/plan-chunks.ts";
import { Seed, wrongChunks } from "../../../delta/chunk/seed.ts";
import { requireHoldable } from "../../../delta/chunk/stored-chunk.ts";
import type { Offer, Place } from "../../../domain/resource.ts";
import { type ChunkIndex, indexedBytes, parseChunkIndex } from "../../../format/chunk-index.ts";
import { type PackMap, parsePackMap } from "../../../format/pack-map.ts";
import type { ReleaseChunks } from "../../../format/release-files.ts";
import type { Session } from "../../session.ts";
import { PlaceBytes } from "./local-bytes.ts";
import { type KnownManifests, manifestOf } from "./release-manifest.ts";
import { fetchProven, rangesOf, type RepositoryPlace } from "./repository-file.ts";
import { failureOf, owning, type Stream, type Traffic, type Way, WayFailed } from "./way.ts";

export interface SeedPlace {
  readonly place: Place;
  /** Of what it holds; a partition is longer. */
  readonly sizeBytes: number;
  /** It had the very bytes that are wanted once: a repair. */
  readonly isWanted: boolean;
  /** What is offered with the bytes that it should have: the repository may have their index. */
  readonly published?: Offer | undefined;
}

export interface ChunkWay {
  readonly offer: Offer;
  readonly chunks: ReleaseChunks;
  readonly repository: RepositoryPlace;
  readonly seeds: readonly SeedPlace[];
  readonly known: KnownManifests;
}

/** Beside what the index and the map take: blocks that are read, chunks that are needed again, one pack's answer. */
const workingBytes = 40 << 20;
/** The most that is read of an index or a map. */
const metadataBytesMax = 64 << 20;

/** Of an index and its map, parsed, looked up and planned, in lengths of the index; measured with an image of 13 GB. */
const indexFactor = 11;
/** Of a seed of the same size. */
const seedFactor = 4;

interface IndexSizes {
  readonly index: Pick<ReleaseChunks["index"], "sizeBytes">;
  readonly map: Pick<ReleaseChunks["map"], "sizeBytes">;
}

/** Estimated, before anything is here. */
export function chunkMemoryBytes({ index, map }: IndexSizes, seeds: number): number {
  return workingBytes + Math.max(index.sizeBytes, map.sizeBytes) * (indexFactor + seedFactor * seeds);
}

/** How many of so many seeds may be looked at within a limit. */
export function seedsWithin(chunks: IndexSizes, seeds: number, memoryBytesMax: number): number {
  let fitting = seeds;
  while (fitting > 0 && chunkMemoryBytes(chunks, fitting) > memoryBytesMax) fitting -= 1;
  return fitting;
}

/** What a file can be put together from. */
export interface Chunks {
  plan(fromByte: number, traffic: Traffic): Promise<ChunkPlan>;
  assemble(plan: ChunkPlan, traffic: Traffic): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

/** Index, map and seeds; what is read once for all attempts. */
export class ChunkSource implements Chunks {
  readonly #session: Session;
  readonly #request: ChunkWay;
  #read: Promise<{ readonly index: ChunkIndex; readonly map: PackMap }> | undefined;
  #seeds: Promise<readonly Seed[]> | undefined;
  readonly #open: PlaceBytes[] = [];

  constructor(session: Session, request: ChunkWay) {
    this.#session = session;
    this.#request = request;
  }

  async #readBoth(traffic: Traffic): Promise<{ readonly index: ChunkIndex; readonly map: PackMap }> {
    const { chunks, repository, offer } = this.#request;
    const fetch = (file: ReleaseChunks["index"]): Promise<Uint8Array> =>
      fetchProven(this.#session, repository, file, metadataBytesMax, traffic);
    const index = parseChunkIndex(await fetch(chunks.index));
    if (indexedBytes(index) !== offer.sizeBytes)
      throw new Fault("chunk-index-damaged", `Cannot use ${chunks.index.name}: it is the index of another file`);
    // Seeds are cut by these sizes, several of the largest at a time in memory.
    requireHoldable(index.sizes.max);
    return { index, map: parsePackMap(await fetch(chunks.map)) };
  }

  /** As it was published: fetching it costs a thousandth of what reading and cutting the file would in time. */
  async #publishedIndex(
    { published, sizeBytes }: SeedPlace,
    { sizes, digest }: ChunkIndex,
    traffic: Traffic,
  ): Promise<ChunkIndex | undefined> {
    const { repository, known } = this.#request;
    if (published === undefined) return undefined;
    try {
      const { resources } = await manifestOf(this.#session, published, known, traffic);
      const chunks = resources.find(({ name }) => name === published.name)?.chunks;
      if (chunks === undefined) return undefined;
      const bytes = await fetchProven(this.#session, repository, chunks.index, metadataBytesMax, traffic);
      const own = parseChunkIndex(bytes);
      const alike = own.digest === digest && own.sizes.avg === sizes.avg && own.sizes.min === sizes.min;
      return alike && own.sizes.max === sizes.max && indexedBytes(own) === sizeBytes ? own : undefined;
    } catch (error) {
      this.#session.signal.throwIfAborted();
      if (!(error instanceof Fault)) throw error;
      return undefined;
    }
  }

  /** A file that cannot be read is no seed. */
  async #seedOf(seed: SeedPlace, index: ChunkIndex, traffic: Traffic): Promise<readonly Seed[]> {
    const { place, sizeBytes, isWanted } = seed;
    const { signal, machine } = this.#session;
    const bytes = new PlaceBytes(this.#session, place, sizeBytes);
    this.#open.push(bytes);
    try {
      if (isWanted) return [new Seed(bytes, index, await wrongChunks(bytes, index, { signal }))];
      const { sizes, digest } = index;
      const published = await this.#publishedIndex(seed, index, traffic);
      return [new Seed(bytes, published ?? (await cutFile(bytes, { sizes, digest, signal })))];
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Fault)) throw error;
      machine.progress.report({ kind: "note", text: `${error.message}; it is not used as a seed` });
      return [];
    }
  }

  async #openSeeds(index: ChunkIndex, traffic: Traffic): Promise<readonly Seed[]> {
    const seeds: Seed[] = [];
    for (const place of this.#request.seeds) seeds.push(...(await this.#seedOf(place, index, traffic)));
    return seeds;
  }

  async plan(fromByte: number, traffic: Traffic): Promise<ChunkPlan> {
    // What failed is read anew the next time.
    this.#read ??= this.#readBoth(traffic).catch((error: unknown) => {
      this.#read = undefined;
      throw error;
    });
    const { index, map } = await this.#read;
    this.#seeds ??= this.#openSeeds(index, traffic);
    const { packs } = this.#request.chunks;
    return planChunks({ index, supply: { kind: "packs", map, packs }, seeds: await this.#seeds, fromByte });
  }

  async *assemble(plan: ChunkPlan, traffic: Traffic): AsyncGenerator<Uint8Array> {
    const { signal } = this.#session;
    await using rebuilder = this.#session.machine.rebuilder.start(signal);
    try {
      yield* assembleChunks(plan, {
        fetch: rangesOf(this.#session, this.#request.repository, traffic),
        decompress: (stored, length) => rebuilder.decompress(stored, length),
        signal,
      });
    } finally {
      await this.close();
    }
  }

  /** Seeds are opened anew when they are wanted again. */
  async close(): Promise<void> {
    for (const bytes of this.#open) await bytes[Symbol.asyncDispose]();
  }
}

/** Damaged chunks, and children that they end, before the way is given up: each costs a new child and a new plan. */
const damagedMax = 5;
const damages: readonly string[] = ["chunk-damaged", "worker-failed"];

export function chunkWay(source: Chunks): Way {
  let damaged = 0;
  async function* counting(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      if (!(error instanceof Fault && damages.includes(error.code))) throw error;
      damaged += 1;
      throw damaged < damagedMax ? error : new WayFailed(error);
    }
  }
  return {
    kind: "chunks",
    title: "chunks",
    open: async (fromByte, traffic): Promise<Stream> => {
      try {
        const plan = await source.plan(fromByte, traffic);
        return { startsAt: fromByte, body: counting(owning(source.assemble(plan, traffic))) };
      } catch (error) {
        await source.close();
        // What is silent was asked for three times by then, and each took its time.
        throw error instanceof Fault && error.code === "timed-out" ? new WayFailed(error) : failureOf(error);
      }
    },
  };
}
