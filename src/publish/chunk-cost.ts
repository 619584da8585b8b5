// What fetching a resource by chunks costs whoever has the chunks of an older release: bytes, and requests that read packs in
// merged ranges.
import { toHex } from "../base/text.ts";
import { chunkAt } from "../format/chunk-index.ts";
import type { ReleaseManifest, ReleaseResource } from "../format/release-files.ts";
import { readChunkIndex, readPackMap } from "./chunk-paths.ts";
import type { Publisher } from "./publisher.ts";

/** Bytes between two ranges that are read along with them instead of asked for apart. */
const gapBytesMax = 64 << 10;
/** The index and the map. */
const ownRequests = 2;

/** Of all resources of a release. */
export async function idsOf(publisher: Publisher, { resources }: ReleaseManifest): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (const { chunks } of resources) {
    if (chunks === undefined) continue;
    const index = await readChunkIndex(publisher, chunks);
    for (let number = 0; number < index.ends.length; number += 1) ids.add(toHex(chunkAt(index, number).id));
  }
  return ids;
}

export async function chunkCost(
  publisher: Publisher,
  { chunks }: ReleaseResource,
  seeds: ReadonlySet<string>,
): Promise<{ readonly bytes: number; readonly requests: number } | undefined> {
  if (chunks === undefined) return undefined;
  const index = await readChunkIndex(publisher, chunks);
  const { packs, offsets, lengths } = await readPackMap(publisher, chunks);
  const seen = new Set(seeds);
  const ranges: { pack: number; from: number; end: number }[] = [];
  for (let number = 0; number < index.ends.length; number += 1) {
    const id = toHex(chunkAt(index, number).id);
    if (seen.has(id)) continue;
    seen.add(id);
    const from = offsets[number] ?? 0;
    ranges.push({ pack: packs[number] ?? 0, from, end: from + (lengths[number] ?? 0) });
  }
  ranges.sort((a, b) => a.pack - b.pack || a.from - b.from);
  let requests = ownRequests;
  let sum = chunks.index.sizeBytes + chunks.map.sizeBytes;
  let last: { pack: number; end: number } | undefined;
  for (const { pack, from, end } of ranges) {
    const merged = last?.pack === pack && from - last.end <= gapBytesMax;
    if (!merged) requests += 1;
    sum += end - (merged && last !== undefined ? last.end : from);
    last = { pack, end };
  }
  return { bytes: sum, requests };
}
