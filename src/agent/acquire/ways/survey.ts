// What it would take to bring a resource in, way by way, and the ways in the order in which they are tried.
import { Fault } from "../../../base/fault.ts";
import type { Version } from "../../../base/ids.ts";
import type { Offer, Place } from "../../../domain/resource.ts";
import type { Situation } from "../../../domain/situation.ts";
import { rankWays, type WayCost, type WayRanking } from "../../../domain/ways.ts";
import type { Content, ReleaseManifest } from "../../../format/release-files.ts";
import type { ResourceWays } from "../../../wire/reports.ts";
import type { Session } from "../../session.ts";
import { digestFile } from "../digest-file.ts";
import { hasListedChunks } from "../listed-index.ts";
import { ChunkSource, chunkMemoryBytes, chunkWay, seedsWithin } from "./chunk-way.ts";
import { Counter } from "./counter.ts";
import { deltaWay } from "./delta-way.ts";
import { type ContentPlace, placeOfContent, type SeedsRequest, seedsOf } from "./installed-content.ts";
import { openPlace } from "./local-bytes.ts";
import { type KnownManifests, manifestOf } from "./release-manifest.ts";
import { surveyListed } from "./survey-listed.ts";
import type { Traffic, Way } from "./way.ts";
import { wholeWay } from "./whole-way.ts";
import { memoryLimitBytes } from "./memory.ts";

export interface SurveyRequest extends SeedsRequest {
  /** Of the resource, that are here already. */
  readonly keptBytes: number;
  readonly known: KnownManifests;
  /** Work out what each way costs, even where it is clear which one is chosen. */
  readonly thorough: boolean;
}

interface CostedWay extends WayCost {
  /** A delta from what nobody has read yet. */
  readonly presumed?: ContentPlace & { readonly content: Content };
  readonly make: () => Way;
}

export interface Survey {
  readonly ways: readonly Way[];
  /** For reports. */
  readonly lines: ResourceWays;
  /** What it took to find out. */
  readonly transferredBytes: number;
}

/** What is left of `bytes` when so much of the resource is here. */
function remaining(bytes: number, { offer, keptBytes }: SurveyRequest): number {
  const { sizeBytes = 0 } = offer;
  return sizeBytes === 0 ? bytes : Math.round(bytes * Math.max(0, 1 - keptBytes / sizeBytes));
}

function deltasOf(session: Session, request: SurveyRequest, manifest: ReleaseManifest): readonly CostedWay[] {
  const { offer, situation, gone } = request;
  const repository = { folder: offer.manifest?.folder ?? "", remote: offer.remote };
  return manifest.deltas
    .filter(({ resource }) => resource === offer.name)
    .flatMap((delta): readonly CostedWay[] => {
      const from = placeOfContent(situation, delta.from, gone);
      const common = {
        kind: "delta" as const,
        from: delta.from.version,
        downloadBytes: delta.head.sizeBytes + remaining(delta.sizeBytes - delta.head.sizeBytes, request),
        requests: 2,
        memoryBytes: delta.memoryBytes,
        make: () => deltaWay(session, { offer, delta, repository, from: from?.place as Place }),
      };
      if (from?.presumed === true) return [{ ...common, presumed: { ...from, content: delta.from } }];
      if (from !== undefined) return [common];
      return [{ ...common, obstacle: notHere(situation, delta.from.version) }];
    });
}

function notHere({ inventory }: Situation, version: Version): string {
  const installed = inventory.instances.some((instance) => instance.version === version);
  return installed ? `version ${version} is here with other bytes` : `version ${version} is not installed`;
}

/** A delta believes the old file: what nobody has read is read before a download is built upon it. */
async function proven(session: Session, way: CostedWay): Promise<CostedWay> {
  const { presumed, from } = way;
  if (presumed === undefined) return way;
  const { place, content } = presumed;
  const { presumed: _presumed, ...known } = way;
  try {
    await using file = await openPlace(session, place);
    const total = content.sizeBytes;
    const onBytes = (done: number): void => session.machine.progress.report({ kind: "bytes", done, total });
    if ((await digestFile(session, file, total, onBytes)) === content.sha256) return known;
    return { ...known, obstacle: `version ${from} is here with other bytes` };
  } catch (error) {
    session.signal.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    return { ...known, obstacle: error.message };
  }
}

/** The whole file costs twice as much and more: reading index, map and seeds would not change the choice. */
const clearlyBetter = 0.5;

/**
 * Chunks of `offer`, if its release has any. Their cost is worked out by planning them, which reads the index and cuts the
 * seeds: not where a delta is as good as chosen.
 */
async function chunksOf(
  session: Session,
  request: SurveyRequest,
  manifest: ReleaseManifest,
  { rivals, memoryBytesMax }: { readonly rivals: readonly CostedWay[]; readonly memoryBytesMax: number },
  traffic: Traffic,
): Promise<readonly CostedWay[]> {
  const { offer, keptBytes, thorough } = request;
  const chunks = manifest.resources.find(({ name }) => name === offer.name)?.chunks;
  if (chunks === undefined) return [];
  const repository = { folder: offer.manifest?.folder ?? "", remote: offer.remote };
  const { known } = request;
  const places = seedsOf(request);
  const seeds = places.slice(0, seedsWithin(chunks, places.length, memoryBytesMax));
  const source = new ChunkSource(session, { offer, chunks, repository, seeds, known });
  const way: CostedWay = {
    kind: "chunks",
    downloadBytes: undefined,
    requests: 2,
    memoryBytes: chunkMemoryBytes(chunks, seeds.length),
    make: () => chunkWay(source),
  };
  // Planning them takes the memory that they would take.
  if (way.memoryBytes > memoryBytesMax) return [way];
  const limit = clearlyBetter * (offer.sizeBytes ?? 0);
  if (
    !thorough &&
    rivals.some(({ obstacle, downloadBytes = limit }) => obstacle === undefined && downloadBytes < limit)
  )
    return [way];
  try {
    const plan = await source.plan(keptBytes, traffic);
    return [{ ...way, downloadBytes: plan.fetchBytes, requests: plan.requests }];
  } catch (error) {
    session.signal.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    return [{ ...way, obstacle: error.message }];
  } finally {
    await source.close();
  }
}

function linesOf({ name }: Offer, { judged }: WayRanking<CostedWay>): ResourceWays {
  return {
    name,
    ways: judged.map(({ way, chosen, because }) => ({
      way: way.kind,
      from: way.from,
      downloadBytes: way.downloadBytes,
      requests: way.requests,
      memoryBytes: way.memoryBytes,
      chosen,
      because: chosen && way.presumed !== undefined ? `if version ${way.from}, not read yet, is whole` : because,
    })),
  };
}

/** Whether there can be another way than the whole file: only bytes that travel as they are installed can be made. */
export function hasWays({ settings }: Session, offer: Offer): boolean {
  const { remote, manifest, shape } = offer;
  const plain = shape.kind === "bytes" && shape.compression === undefined;
  return remote && settings.offline !== true && plain && (manifest !== undefined || hasListedChunks(offer));
}

/** What the repository's manifest says about it is believed for its digest; without one there is the whole file. */
export async function surveyWays(session: Session, request: SurveyRequest): Promise<Survey | undefined> {
  const { offer, known } = request;
  if (!hasWays(session, offer)) return undefined;
  if (hasListedChunks(offer)) return surveyListed(session, { ...request, offer });
  const traffic = new Counter(session);
  let manifest: ReleaseManifest;
  try {
    manifest = await manifestOf(session, offer, known, traffic);
  } catch (error) {
    session.signal.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    session.machine.progress.report({ kind: "note", text: `${error.message}; ${offer.name} is fetched whole` });
    return undefined;
  }
  const whole: CostedWay = {
    kind: "whole",
    downloadBytes: remaining(offer.sizeBytes ?? 0, request),
    requests: 1,
    memoryBytes: 0,
    make: () => wholeWay(session, offer),
  };
  const limit = await memoryLimitBytes(session);
  const deltas: CostedWay[] = [];
  for (const delta of deltasOf(session, request, manifest)) {
    const isUsable = delta.memoryBytes <= limit && delta.downloadBytes !== undefined;
    const isCheaper = isUsable && (delta.downloadBytes ?? 0) < (whole.downloadBytes ?? 0);
    deltas.push(isCheaper && !request.thorough ? await proven(session, delta) : delta);
  }
  const fitting = deltas.filter(({ memoryBytes }) => memoryBytes <= limit);
  const chunks = await chunksOf(session, request, manifest, { rivals: fitting, memoryBytesMax: limit }, traffic);
  const ranking = rankWays([whole, ...chunks, ...deltas], limit);
  return {
    ways: ranking.order.map(({ make }) => make()),
    lines: linesOf(offer, ranking),
    transferredBytes: traffic.bytes,
  };
}
