// The chunks of a release: an index and a pack map for each resource, what is new in packs, and every chunk in the store for
// other clients. The store is the published one: a chunk that no index names is seen by nobody, and prune takes it away.
import type { Version } from "../base/ids.ts";
import { ChunkStore } from "../delta/chunk/chunk-store.ts";
import { cutFile } from "../delta/chunk/cut-file.ts";
import { type ChunksPacked, packChunks, type PackedChunks } from "../delta/chunk/pack-chunks.ts";
import { compareVersions } from "../domain/version-order.ts";
import { type ChunkIndex, formatChunkIndex } from "../format/chunk-index.ts";
import { formatPackMap } from "../format/pack-map.ts";
import type { ReleaseChunks, ReleaseIndex, ReleaseResource } from "../format/release-files.ts";
import type { DiskFile } from "../port/disk.ts";
import { makeFolders } from "../port/small-file.ts";
import type { RepositorySettings } from "../wire/repository.ts";
import { readChunkIndex, readPackMap } from "./chunk-paths.ts";
import { demandOnMedium, writeNew } from "./files.ts";
import type { PrepareJob } from "./prepare.ts";
import type { Publisher } from "./publisher.ts";
import { readReleaseManifest } from "./read-manifest.ts";
import { packPrefix, stagedPath } from "./staging.ts";

const storeFolder = "chunks/default.castr";
/** Whose packs are drawn upon: what stays the same from release to release is named by the newest of them. */
const releasesBefore = 3;

export async function cutRelease(
  publisher: Publisher,
  settings: RepositorySettings,
  job: PrepareJob,
): Promise<readonly ReleaseResource[]> {
  const { chunks: sizes, store: wantsStore } = settings;
  if (sizes === undefined) return job.resources;
  // What fits into a few chunks is fetched whole.
  const cut = job.resources.filter(({ sizeBytes }) => sizeBytes > sizes.max);
  if (cut.length === 0) return job.resources;
  const total = cut.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  job.steps.begin("Cutting into chunks", total);
  const before = await packedBefore(publisher, job.index);
  const store = wantsStore ? await openStore(publisher) : undefined;
  await using packs = new PackFiles(publisher, job.version);
  const made = new Map<string, ReleaseChunks>();
  let done = 0;
  for (const resource of cut) {
    await using source = await publisher.machine.disk.open(stagedPath(publisher, job.version, resource.name), "read");
    const index = await cutFile(source, { sizes, signal: publisher.signal });
    const already = done;
    const packed = await packChunks({
      source,
      index,
      before,
      newPack: () => packs.next(),
      ...(store === undefined ? {} : { store }),
      onBytes: (bytes) => job.steps.at(already + bytes),
      signal: publisher.signal,
    });
    await packs.finish(packed);
    before.unshift({ index, map: packed.map, packs: packed.packs });
    made.set(resource.name, await writeIndexes(publisher, job.version, resource, index, packed));
    done += resource.sizeBytes;
  }
  await store?.flush();
  return job.resources.map((resource) => ({ ...resource, chunks: made.get(resource.name) }));
}

async function openStore(publisher: Publisher): Promise<ChunkStore> {
  const { disk } = publisher.machine;
  await makeFolders(disk, `${publisher.folder}/${storeFolder}`);
  return new ChunkStore(disk, `${publisher.folder}/${storeFolder}`, "sha512-256");
}

/** The packs of a release while it is staged: opened when there is something for them, flushed and read back. */
class PackFiles implements AsyncDisposable {
  readonly #publisher: Publisher;
  readonly #version: Version;
  readonly #open: DiskFile[] = [];
  #count = 0;

  constructor(publisher: Publisher, version: Version) {
    this.#publisher = publisher;
    this.#version = version;
  }

  async next(): Promise<{ readonly name: string; readonly file: DiskFile }> {
    const { disk } = this.#publisher.machine;
    this.#count += 1;
    const name = `${packPrefix(this.#version)}${this.#count}.pack`;
    const path = stagedPath(this.#publisher, this.#version, name);
    await makeFolders(disk, path.slice(0, path.lastIndexOf("/")));
    const file = await disk.open(path, "create");
    await file.setMode(0o644);
    this.#open.push(file);
    return { name, file };
  }

  async finish({ added }: ChunksPacked): Promise<void> {
    for (const file of this.#open) await file.sync();
    await this[Symbol.asyncDispose]();
    for (const pack of added)
      await demandOnMedium(this.#publisher, stagedPath(this.#publisher, this.#version, pack.name), pack);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#open.splice(0)) await file[Symbol.asyncDispose]();
  }
}

async function writeIndexes(
  publisher: Publisher,
  version: Version,
  { name }: ReleaseResource,
  index: ChunkIndex,
  { map, packs }: ChunksPacked,
): Promise<ReleaseChunks> {
  const write = async (file: string, bytes: Uint8Array): Promise<ReleaseChunks["index"]> => ({
    name: file,
    ...(await writeNew(publisher, stagedPath(publisher, version, file), [bytes])),
  });
  return {
    index: await write(`chunks/${name}.caibx`, formatChunkIndex(index)),
    store: storeFolder,
    map: await write(`chunks/${name}.map`, formatPackMap(map)),
    packs,
  };
}

/** Newest first. */
async function packedBefore(publisher: Publisher, { releases }: ReleaseIndex): Promise<PackedChunks[]> {
  const offered = releases.filter(({ state }) => state === "offered");
  const newest = offered.toSorted((a, b) => compareVersions(b.version, a.version)).slice(0, releasesBefore);
  const packed: PackedChunks[] = [];
  for (const release of newest)
    for (const { chunks } of (await readReleaseManifest(publisher, release)).resources) {
      if (chunks === undefined) continue;
      const index = await readChunkIndex(publisher, chunks);
      packed.push({ index, map: await readPackMap(publisher, chunks), packs: chunks.packs });
    }
  return packed;
}
