// The ways of an image whose chunk index a list of checksums names, where somebody said where the chunks are: chunks, then the
// whole file. Chunks come first whatever they cost: who publishes like this need not have the whole file on the server.
import { Fault } from "../../../base/fault.ts";
import { wholeMebibytes } from "../../../base/mebibytes.ts";
import type { ChunkPlan } from "../../../delta/chunk/plan-chunks.ts";
import { requireHoldable } from "../../../delta/chunk/stored-chunk.ts";
import type { ListedChunks, Offer } from "../../../domain/resource.ts";
import { type ChunkIndex, formatChunkIndex, indexedBytes } from "../../../format/chunk-index.ts";
import type { WayLine } from "../../../wire/reports.ts";
import type { Session } from "../../session.ts";
import { readListedIndex } from "../listed-index.ts";
import { chunkMemoryBytes, chunkWay, seedsWithin } from "./chunk-way.ts";
import { Counter } from "./counter.ts";
import { seedsOf } from "./installed-content.ts";
import { memoryLimitBytes } from "./memory.ts";
import { StoreChunks } from "./store-chunks.ts";
import type { Survey, SurveyRequest } from "./survey.ts";
import { wholeWay } from "./whole-way.ts";

/** Compressed and decompressed, of those that are asked for at once. */
const chunksHeld = 12;

interface Memory {
  readonly seeds: number;
  readonly bytes: number;
}

function memoryFor(index: ChunkIndex, places: number, limitBytes: number): Memory {
  const file = { sizeBytes: formatChunkIndex(index).length };
  const held = chunksHeld * index.sizes.max;
  const seeds = seedsWithin({ index: file, map: file }, places, limitBytes - held);
  return { seeds, bytes: chunkMemoryBytes({ index: file, map: file }, seeds) + held };
}

/** An index that cannot be used leaves the whole file, with a note. */
export async function surveyListed(
  session: Session,
  request: SurveyRequest & { readonly offer: Offer & { readonly listedChunks: ListedChunks } },
): Promise<Survey | undefined> {
  const { offer, keptBytes, thorough } = request;
  const traffic = new Counter(session);
  let index: ChunkIndex;
  try {
    index = await readListedIndex(session, offer, (bytes) => traffic.count(bytes));
    requireHoldable(index.sizes.max);
  } catch (error) {
    session.signal.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    session.machine.progress.report({ kind: "note", text: `${error.message}; ${offer.name} is fetched whole` });
    return undefined;
  }
  const limitBytes = await memoryLimitBytes(session);
  const places = seedsOf(request);
  const memory = memoryFor(index, places.length, limitBytes);
  const { store } = offer.listedChunks;
  const source = new StoreChunks(session, { index, store, seeds: places.slice(0, memory.seeds) });
  const fits = memory.bytes <= limitBytes;
  const plan = fits && thorough ? await planOf(session, source, keptBytes, traffic) : undefined;
  const chunks: WayLine = {
    way: "chunks",
    from: undefined,
    downloadBytes: plan?.fetchBytes,
    requests: plan?.requests ?? 1,
    memoryBytes: memory.bytes,
    chosen: fits,
    because: fits
      ? ""
      : `it takes ${wholeMebibytes(memory.bytes)} of memory, and ${wholeMebibytes(limitBytes)} may be used`,
  };
  const whole: WayLine = {
    way: "whole",
    from: undefined,
    downloadBytes: Math.max(0, (offer.sizeBytes ?? indexedBytes(index)) - keptBytes),
    requests: 1,
    memoryBytes: 0,
    chosen: !fits,
    because: fits ? "if that fails" : "",
  };
  return {
    ways: [...(fits ? [chunkWay(source)] : []), wholeWay(session, offer)],
    lines: { name: offer.name, ways: [whole, chunks] },
    transferredBytes: traffic.bytes,
  };
}

/** What it would take; `undefined` where that cannot be worked out now. */
async function planOf(
  session: Session,
  source: StoreChunks,
  keptBytes: number,
  traffic: Counter,
): Promise<ChunkPlan | undefined> {
  try {
    return await source.plan(keptBytes, traffic);
  } catch (error) {
    session.signal.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    return undefined;
  } finally {
    await source.close();
  }
}
