// What each chunk of a file is made from: a seed, a pack or store of the repository, or itself, where it came before.
// Pure, so that a dry run, a progress bar and the assembly read the same plan.
import { Fault } from "../../base/fault.ts";
import { chunkAt, chunkNumberAt, type ChunkIndex } from "../../format/chunk-index.ts";
import type { PackMap } from "../../format/pack-map.ts";
import type { ReleaseFile } from "../../format/release-files.ts";
import { ChunkTable } from "./chunk-id.ts";
import { type PackPiece, planRuns } from "./range-runs.ts";
import type { Seed } from "./seed.ts";
import { chunkBytesHeldMax, type ReadStored, requireHoldable, storedBytesMax } from "./stored-chunk.ts";

export type PlanChunksFaultCode = "pack-map-unfit";

/** Where chunks come from that no seed has. */
export type ChunkSupply =
  | { readonly kind: "packs"; readonly map: PackMap; readonly packs: readonly ReleaseFile[] }
  /** One request a chunk, for repositories of other publishers. */
  | { readonly kind: "store"; readonly read: ReadStored };

export interface PlanChunksOptions {
  readonly index: ChunkIndex;
  readonly supply: ChunkSupply;
  /** The first that has a chunk is asked for it. */
  readonly seeds: readonly Seed[];
  /** The first byte that is needed; 0 where nothing is said. */
  readonly fromByte?: number;
  /** The numbers of the only chunks that are needed, for a repair. */
  readonly only?: ReadonlySet<number>;
  /** Requests for parts of packs; 40 where nothing is said, so that all of an update stays below 50. */
  readonly requestsMax?: number;
}

export type ChunkOrigin =
  | { readonly kind: "seed"; readonly seed: Seed; readonly place: number; readonly offset: number }
  /** `run`: number of the request that brings it; of no meaning for a store. `keep`: how often it is needed again. */
  | { readonly kind: "fetch"; readonly run: number; readonly keep: number }
  /** The same chunk as the one with this number, which was kept. */
  | { readonly kind: "again"; readonly number: number };

export interface ChunkRun {
  readonly file: ReleaseFile;
  readonly offset: number;
  readonly length: number;
}

export interface ChunkPlan extends PlanChunksOptions {
  /** For each chunk of the index; `undefined` where it is not needed. */
  readonly origins: readonly (ChunkOrigin | undefined)[];
  readonly runs: readonly ChunkRun[];
  readonly requests: number;
  /** Over the line, read-over gaps included; of a store at most. */
  readonly fetchBytes: number;
  /** Of the file, from seeds. */
  readonly seedBytes: number;
}

const usualRequestsMax = 40;

/** Faults: `chunk-too-large`, `pack-map-unfit`. */
export function planChunks(options: PlanChunksOptions): ChunkPlan {
  const { index, supply, seeds, only } = options;
  const count = index.ends.length;
  requireFit(index, supply);
  const origins: (ChunkOrigin | undefined)[] = Array.from({ length: count }, () => undefined);
  const fetched: number[] = [];
  let seedBytes = 0;
  let previous: { readonly seed: Seed; readonly place: number } | undefined;
  for (let number = chunkNumberAt(index, options.fromByte ?? 0); number < count; number += 1) {
    if (only?.has(number) === false) continue;
    const { id, length } = chunkAt(index, number);
    requireHoldable(length);
    const found = findInSeeds(seeds, index, { id, length }, previous);
    if (found === undefined) fetched.push(number);
    else {
      origins[number] = found;
      seedBytes += length;
    }
    previous = found;
  }

  const again = repeated(index, fetched);
  const asked = fetched.filter((number) => !again.firstOf.has(number));
  for (const [number, first] of again.firstOf) origins[number] = { kind: "again", number: first };
  const keep = (number: number): number => again.uses.get(number) ?? 0;
  if (supply.kind === "store") {
    for (const number of asked) origins[number] = { kind: "fetch", run: 0, keep: keep(number) };
    const fetchBytes = asked.reduce((sum, number) => sum + chunkAt(index, number).length, 0);
    return { ...options, origins, runs: [], requests: asked.length, fetchBytes, seedBytes };
  }
  const pieces = asked.map((number) => pieceOf(supply.map, number));
  const { runs, runOf, bytes } = planRuns(pieces, options.requestsMax ?? usualRequestsMax);
  for (const [piece, number] of asked.entries())
    origins[number] = { kind: "fetch", run: runOf[piece] ?? 0, keep: keep(number) };
  const files = runs.map(({ pack, offset, length }) => ({ file: packAt(supply.packs, pack), offset, length }));
  return { ...options, origins, runs: files, requests: runs.length, fetchBytes: bytes, seedBytes };
}

/** Where a chunk lies in its pack. */
export function pieceOf(map: PackMap, number: number): PackPiece {
  return { pack: map.packs[number] ?? 0, offset: map.offsets[number] ?? 0, length: map.lengths[number] ?? 0 };
}

function packAt(packs: readonly ReleaseFile[], number: number): ReleaseFile {
  const pack = packs[number];
  if (pack === undefined) throw unfit(`it names pack ${number} of ${packs.length}`);
  return pack;
}

const unfit = (state: string): Fault<PlanChunksFaultCode> =>
  new Fault("pack-map-unfit", `Cannot use the map of the packs: ${state}`);

/** Map and index are two files, and the packs a third thing: what one says of another is checked before it is followed. */
function requireFit(index: ChunkIndex, supply: ChunkSupply): void {
  if (supply.kind === "store") return;
  const { map, packs } = supply;
  if (map.packs.length !== index.ends.length)
    throw unfit(`it has ${map.packs.length} chunks, the index ${index.ends.length}`);
  for (let number = 0; number < map.packs.length; number += 1) {
    const { pack, offset, length } = pieceOf(map, number);
    if (offset + length > packAt(packs, pack).sizeBytes) throw unfit(`chunk ${number} lies beyond the end of its pack`);
    if (length > storedBytesMax(chunkAt(index, number).length))
      throw unfit(`chunk ${number} has ${length} bytes there`);
  }
}

function findInSeeds(
  seeds: readonly Seed[],
  index: ChunkIndex,
  { id, length }: { readonly id: Uint8Array; readonly length: number },
  previous: { readonly seed: Seed; readonly place: number } | undefined,
): (ChunkOrigin & { readonly kind: "seed" }) | undefined {
  for (const seed of seeds) {
    if (seed.index.digest !== index.digest) continue;
    const found = seed.find(id, length, previous?.seed === seed ? previous.place : undefined);
    if (found !== undefined) return { kind: "seed", seed, place: found.number, offset: found.offset };
  }
  return undefined;
}

interface Repeated {
  /** For a chunk that is kept from before, the number it had then. */
  readonly firstOf: ReadonlyMap<number, number>;
  /** How often a chunk is needed again. */
  readonly uses: ReadonlyMap<number, number>;
}

/** Which of the fetched chunks are the same as one before, as far as these fit into memory together. */
function repeated(index: ChunkIndex, fetched: readonly number[]): Repeated {
  const table = new ChunkTable(index);
  const groups = new Map<number, number[]>();
  for (const number of fetched) {
    const { id, length } = chunkAt(index, number);
    const name = table.find(id, length) ?? number;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [number]);
    else group.push(number);
  }
  const firstOf = new Map<number, number>();
  const uses = new Map<number, number>();
  let heldBytes = 0;
  /** Of what is held: when it is let go. */
  const events = [...groups.values()]
    .filter((group) => group.length > 1)
    .flatMap((group) => [
      { at: group[0] ?? 0, group },
      { at: group.at(-1) ?? 0, group },
    ])
    .toSorted((one, other) => one.at - other.at);
  const chosen = new Set<readonly number[]>();
  for (const { at, group } of events) {
    const first = group[0] ?? 0;
    const { length } = chunkAt(index, first);
    if (at !== first) {
      if (chosen.has(group)) heldBytes -= length;
      continue;
    }
    if (heldBytes + length > chunkBytesHeldMax) continue;
    heldBytes += length;
    chosen.add(group);
    uses.set(first, group.length - 1);
    for (const number of group.slice(1)) firstOf.set(number, first);
  }
  return { firstOf, uses };
}
