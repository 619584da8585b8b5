// Where the chunks of a release lie in its store: one file each, named after its id, as desync and casync look for it.
import { Fault } from "../base/fault.ts";
import { chunkPath as pathInStore } from "../delta/chunk/stored-chunk.ts";
import { chunkAt, type ChunkIndex, parseChunkIndex } from "../format/chunk-index.ts";
import { type PackMap, parsePackMap } from "../format/pack-map.ts";
import type { ReleaseChunks, ReleaseFile, ReleaseManifest } from "../format/release-files.ts";
import { readSmall } from "../port/small-file.ts";
import type { Publisher } from "./publisher.ts";

export type ChunkPathFaultCode = "chunk-index-missing";

/** Of an index, and of a map. */
const maxIndexBytes = 64 << 20;

export function chunkPath(store: string, id: Uint8Array): string {
  return `${store}/${pathInStore(id)}`;
}

/** Faults: `chunk-index-missing`, those of the format. */
export async function readChunkIndex(
  publisher: Publisher,
  { index }: Pick<ReleaseChunks, "index">,
  alsoAt?: (name: string) => string,
): Promise<ChunkIndex> {
  return parseChunkIndex(await readPublished(publisher, index, alsoAt));
}

/** Faults: `chunk-index-missing`, those of the format. */
export async function readPackMap(publisher: Publisher, { map }: Pick<ReleaseChunks, "map">): Promise<PackMap> {
  return parsePackMap(await readPublished(publisher, map));
}

async function readPublished(
  publisher: Publisher,
  { name, sha256 }: ReleaseFile,
  alsoAt?: (name: string) => string,
): Promise<Uint8Array> {
  const { disk, digest } = publisher.machine;
  const path = `${publisher.folder}/${name}`;
  const staged = alsoAt === undefined ? undefined : await readSmall(disk, alsoAt(name), maxIndexBytes);
  const bytes = staged ?? (await readSmall(disk, path, maxIndexBytes));
  const hasher = digest.sha256();
  hasher.update(bytes ?? new Uint8Array());
  if (bytes !== undefined && hasher.finish() === sha256) return bytes;
  throw new Fault<ChunkPathFaultCode>(
    "chunk-index-missing",
    `Cannot read ${path}: it is ${bytes === undefined ? "missing" : "not what was published"}`,
    { hint: "Restore it from a copy of the repository, and look at the rest with holdfast repo verify." },
  );
}

/** Of every chunk that the release's indexes name. */
export async function chunkPathsOf(
  publisher: Publisher,
  { resources }: ReleaseManifest,
  alsoAt?: (name: string) => string,
): Promise<ReadonlySet<string>> {
  const paths = new Set<string>();
  for (const { chunks } of resources) {
    if (chunks === undefined) continue;
    const index = await readChunkIndex(publisher, chunks, alsoAt);
    for (let number = 0; number < index.ends.length; number += 1)
      paths.add(chunkPath(chunks.store, chunkAt(index, number).id));
  }
  return paths;
}
