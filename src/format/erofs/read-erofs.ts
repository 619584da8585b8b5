// What an erofs image consists of: every cluster of every file, and where the inodes are. What lies in neither is metadata.
// For the publisher, who reads images of his own; bounded all the same, and anything unknown is refused.
import { type Extent, readExtents } from "./compressed-extents.ts";
import type { ByteReader } from "../pe.ts";
import { parseDirectoryBlock } from "./directory.ts";
import { readSettings, type Settings } from "./features.ts";
import { type Inode, readInode } from "./inode.ts";
import { notUnderstood } from "./not-understood.ts";
import { Pages } from "./pages.ts";

export interface ErofsFile {
  /** From the root, without a leading slash; of several names the first. The root is "". */
  readonly path: string;
  readonly inodeOffset: number;
  readonly sizeBytes: number;
  readonly folder: boolean;
}

export interface ErofsCluster extends Extent {
  /** Its place in `files`. */
  readonly file: number;
}

export interface ErofsImage {
  /** In the order of the walk: folders first, then what is in them. */
  readonly files: readonly ErofsFile[];
  /** By offset; they may touch but not overlap. */
  readonly clusters: readonly ErofsCluster[];
  /** Of zstd. */
  readonly windowLog: number | undefined;
}

const filesMax = 4_000_000;
const clustersMax = 4_000_000;
/** Of 4 KiB each in most images; what is read of them lies in memory, a file's at a time. */
const indexEntriesMax = 16 << 20;
const pathLengthMax = 4096;
const noBlock = 0xffffffff;
const chunkIndexFlag = 0x20;
const chunkBitsMask = 0x1f;
const mergedBytesMax = 256 << 10;

/** Throws Faults (those of its superblock, and `erofs-not-understood`), and what reading throws. */
export async function readErofs(image: ByteReader): Promise<ErofsImage> {
  const pages = new Pages(image);
  const settings = await readSettings(pages);
  const walk = new Walk(pages, settings);
  await walk.run();
  return { files: walk.files, clusters: inOrder(walk.clusters, image.sizeBytes), windowLog: settings.windowLog };
}

class Walk {
  readonly files: ErofsFile[] = [];
  readonly clusters: ErofsCluster[] = [];
  readonly #pages: Pages;
  readonly #settings: Settings;
  readonly #seen = new Set<number>();
  /** Without overlaps the indexes of all files fit into the image. */
  readonly #budget: { entries: number };
  #folderBytes: number;

  constructor(pages: Pages, settings: Settings) {
    this.#pages = pages;
    this.#settings = settings;
    this.#budget = { entries: Math.min(pages.sizeBytes / 2, indexEntriesMax) };
    this.#folderBytes = pages.sizeBytes;
  }

  async run(): Promise<void> {
    const { rootNode, packedNode } = this.#settings;
    const folders: { readonly path: string; readonly inode: Inode }[] = [];
    const visit = async (node: number, path: string): Promise<void> => {
      if (this.#seen.has(node)) return;
      if (this.#seen.size >= filesMax || path.length > pathLengthMax) throw notUnderstood("it has too many files");
      this.#seen.add(node);
      const inode = await readInode(this.#pages, this.#settings, node);
      await this.#add(inode, path);
      if (inode.kind === "folder") folders.push({ path, inode });
    };
    await visit(rootNode, "");
    if (folders.length === 0) throw notUnderstood("its root is no folder");
    if (packedNode !== 0) await visit(packedNode, "packed fragments");
    for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
      const prefix = next.path === "" ? "" : `${next.path}/`;
      for await (const { name, node } of this.#entries(next.inode)) await visit(node, prefix + name);
    }
  }

  async #add(inode: Inode, path: string): Promise<void> {
    const file = this.files.length;
    this.files.push({
      path,
      inodeOffset: inode.offset,
      sizeBytes: inode.sizeBytes,
      folder: inode.kind === "folder",
    });
    if (inode.kind === "other") return;
    for (const extent of await this.#extents(inode)) this.clusters.push({ ...extent, file });
    if (this.clusters.length > clustersMax) throw notUnderstood("it has too many clusters");
  }

  async #extents(inode: Inode): Promise<readonly Extent[]> {
    if (inode.sizeBytes === 0) return [];
    switch (inode.layout) {
      case "compressed":
      case "compressed-full":
        return readExtents(this.#pages, this.#settings, inode, this.#budget);
      case "chunks":
        return this.#chunks(inode);
      default:
        return this.#flat(inode);
    }
  }

  #flat(inode: Inode): readonly Extent[] {
    const { blockBytes: block } = this.#settings;
    const blocks = inode.layout === "flat" ? Math.ceil(inode.sizeBytes / block) : Math.floor(inode.sizeBytes / block);
    if (blocks === 0 || inode.value === noBlock) return [];
    return this.#split({ offset: inode.value * block, length: blocks * block, fileOffset: 0 }, inode.sizeBytes);
  }

  async #chunks(inode: Inode): Promise<readonly Extent[]> {
    const { blockBytes: block } = this.#settings;
    const indexed = (inode.value & chunkIndexFlag) !== 0;
    if ((inode.value & 0xffff & ~(chunkIndexFlag | chunkBitsMask)) !== 0)
      throw notUnderstood("a file has chunks of an unknown kind");
    const chunk = 2 ** (this.#settings.blockBits + (inode.value & chunkBitsMask));
    const count = Math.ceil(inode.sizeBytes / chunk);
    this.#budget.entries -= count;
    if (this.#budget.entries < 0) throw notUnderstood("it has too many index entries");
    const entryBytes = indexed ? 8 : 4;
    const start = Math.ceil(inode.bodyOffset / entryBytes) * entryBytes;
    const bytes = await this.#pages.read(start, count * entryBytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const extents: Extent[] = [];
    for (let index = 0; index < count; index += 1) {
      const at = view.getUint32(index * entryBytes + entryBytes - 4, true);
      if (at === noBlock) continue;
      const fileOffset = index * chunk;
      const length = Math.ceil(Math.min(chunk, inode.sizeBytes - fileOffset) / block) * block;
      for (const extent of this.#split({ offset: at * block, length, fileOffset }, inode.sizeBytes))
        extents.push(extent);
      if (extents.length > clustersMax) throw notUnderstood("a file is too long");
    }
    return extents;
  }

  /** Long stretches in pieces of a cluster's usual size. */
  #split(
    { offset, length, fileOffset }: Pick<Extent, "offset" | "length" | "fileOffset">,
    sizeBytes: number,
  ): readonly Extent[] {
    const extents: Extent[] = [];
    if (offset + length > this.#pages.sizeBytes) throw notUnderstood("a cluster lies outside of it");
    for (let at = 0; at < length; at += mergedBytesMax) {
      const part = Math.min(mergedBytesMax, length - at);
      const plainLength = Math.min(part, sizeBytes - fileOffset - at);
      extents.push({
        offset: offset + at,
        length: part,
        fileOffset: fileOffset + at,
        plainLength,
        algorithm: undefined,
      });
    }
    return extents;
  }

  async *#entries(inode: Inode): AsyncGenerator<{ readonly name: string; readonly node: number }> {
    const block = this.#settings.blockBytes;
    this.#folderBytes -= inode.sizeBytes;
    if (this.#folderBytes < 0) throw notUnderstood("its folders do not fit into it");
    if (inode.layout !== "flat" && inode.layout !== "flat-inline") throw notUnderstood("a folder is compressed");
    const whole = inode.layout === "flat" ? Math.ceil(inode.sizeBytes / block) : Math.floor(inode.sizeBytes / block);
    for (let at = 0; at < inode.sizeBytes; at += block) {
      const index = at / block;
      const offset = index < whole ? inode.value * block + at : inode.bodyOffset;
      yield* parseDirectoryBlock(await this.#pages.read(offset, Math.min(block, inode.sizeBytes - at)));
    }
  }
}

/** By offset, each once: files may share clusters. Throws where they overlap or lie outside. */
function inOrder(clusters: readonly ErofsCluster[], sizeBytes: number): readonly ErofsCluster[] {
  const sorted = clusters.toSorted((left, right) => left.offset - right.offset || left.length - right.length);
  const kept: ErofsCluster[] = [];
  for (const cluster of sorted) {
    const last = kept.at(-1);
    if (last?.offset === cluster.offset && last.length === cluster.length) continue;
    if (cluster.length <= 0 || cluster.plainLength < 0) throw notUnderstood("a cluster is empty");
    if (last !== undefined && cluster.offset < last.offset + last.length) throw notUnderstood("clusters overlap");
    if (cluster.offset + cluster.length > sizeBytes) throw notUnderstood("a cluster lies outside of it");
    kept.push(cluster);
  }
  return kept;
}
