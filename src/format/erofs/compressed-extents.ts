// Where the clusters of a compressed file lie: an index entry for each logical cluster, in one of two forms. The full
// form has 8 bytes an entry; the compact one packs 2 entries into 8 bytes or 16 into 32, and the first block of a pack is written once.
import type { Settings } from "./features.ts";
import { notUnderstood } from "./not-understood.ts";
import type { Inode } from "./inode.ts";
import type { Pages } from "./pages.ts";

/** A physical cluster of a file. */
export interface Extent {
  /** In the image. */
  readonly offset: number;
  readonly length: number;
  /** In the file. */
  readonly fileOffset: number;
  readonly plainLength: number;
  /** 0 LZ4, 1 LZMA, 2 DEFLATE, 3 zstd; undefined when it lies there as it is. */
  readonly algorithm: number | undefined;
}

const plainType = 0;
const innerType = 2;
const secondType = 3;
/** In the first inner entry: how many blocks the cluster has, instead of a distance. */
const blockCountFlag = 1 << 11;
const partialReference = 1 << 15;

const compact2Advice = 0x1;
const bigAdvice = 0x2;
const secondBigAdvice = 0x4;
const inlineTailAdvice = 0x8;
const fragmentAdvice = 0x20;
const knownAdvice = 0x3f;

/** Linux decodes no larger ones (fs/erofs/internal.h: Z_EROFS_PCLUSTER_MAX_SIZE, Z_EROFS_PCLUSTER_MAX_DSIZE). */
const clusterBytesMax = 1 << 20;
const plainBytesMax = 12 << 20;

const headerBytes = 8;
const fullHeaderBytes = 16;

/** One logical cluster's entry. */
interface Entry {
  readonly type: number;
  /** Of a head: where in the logical cluster it begins. Of an inner one: distance, or blocks with the flag. */
  readonly low: number;
  /** Of a head. */
  readonly block: number;
}

/** Without the part of a file that is packed with others or lies beside its inode. Throws a Fault (`erofs-not-understood`). */
export async function readExtents(
  pages: Pages,
  settings: Settings,
  inode: Inode,
  budget: { entries: number },
): Promise<readonly Extent[]> {
  const body = Math.ceil(inode.bodyOffset / 8) * 8;
  const header = await pages.read(body, headerBytes);
  const view = new DataView(header.buffer, header.byteOffset, headerBytes);
  const clusterBits = view.getUint8(7);
  // The whole file is packed with others.
  if (clusterBits >> 7 === 1) return [];
  const advice = view.getUint16(4, true);
  if ((advice & ~knownAdvice) !== 0 || (clusterBits & 0x78) !== 0)
    throw notUnderstood("a compressed file has an index that is not known here");
  const logicalBits = settings.blockBits + (clusterBits & 7);
  const count = Math.ceil(inode.sizeBytes / 2 ** logicalBits);
  budget.entries -= count;
  if (budget.entries < 0) throw notUnderstood("it has too many index entries");
  const full = inode.layout === "compressed-full";
  const entries = full
    ? fullEntries(await pages.read(body + fullHeaderBytes, count * 8))
    : await compactEntries(pages, body + headerBytes, count, logicalBits, advice);
  const big = [bigAdvice, secondBigAdvice].map((bit) => settings.bigClusters && (advice & bit) !== 0);
  return extentsOf(entries, { settings, inode, logicalBits, advice, big, algorithms: view.getUint8(6) });
}

interface Indexed {
  readonly settings: Settings;
  readonly inode: Inode;
  readonly logicalBits: number;
  readonly advice: number;
  readonly big: readonly (boolean | undefined)[];
  readonly algorithms: number;
}

function extentsOf(entries: readonly Entry[], indexed: Indexed): readonly Extent[] {
  const { settings, inode, logicalBits, advice, big, algorithms } = indexed;
  const logical = 2 ** logicalBits;
  const heads = entries.flatMap(({ type, low }, index) =>
    type === innerType || index * logical + low >= inode.sizeBytes ? [] : [index],
  );
  // The last one lies beside the inode or among packed fragments.
  if ((advice & (inlineTailAdvice | fragmentAdvice)) !== 0) heads.pop();
  return heads.map((index, order): Extent => {
    const { type, low, block } = entries[index] as Entry;
    if (low >= logical) throw notUnderstood("a cluster begins outside of its place");
    const next = heads[order + 1];
    const fileOffset = index * logical + low;
    const tail = (advice & (inlineTailAdvice | fragmentAdvice)) !== 0;
    const end =
      next !== undefined
        ? next * logical + (entries[next] as Entry).low
        : tail
          ? tailStart(entries, index, logical, inode.sizeBytes)
          : inode.sizeBytes;
    const second = type === secondType;
    const following = entries[index + 1];
    const counted = type !== plainType && big[second ? 1 : 0] === true && following?.type === innerType;
    if (counted && (following.low & blockCountFlag) === 0) throw notUnderstood("a cluster does not say its length");
    const length = counted ? (following.low & ~blockCountFlag) * settings.blockBytes : logical;
    const plainLength = end - fileOffset;
    if (length > clusterBytesMax || plainLength > plainBytesMax) throw notUnderstood("a cluster is too long");
    return {
      offset: block * settings.blockBytes,
      length,
      fileOffset,
      plainLength,
      algorithm: type === plainType ? undefined : second ? algorithms >> 4 : algorithms & 15,
    };
  });
}

/** Where the tail that is stored elsewhere begins. */
function tailStart(entries: readonly Entry[], head: number, logical: number, size: number): number {
  for (let index = head + 1; index < entries.length; index += 1) {
    const { type, low } = entries[index] as Entry;
    if (type !== innerType) return index * logical + low;
  }
  return size;
}

function fullEntries(bytes: Uint8Array): readonly Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 8 }, (_, index): Entry => {
    const advice = view.getUint16(index * 8, true);
    if ((advice & partialReference) !== 0) throw notUnderstood("files share parts of clusters");
    const type = advice & 3;
    const low = view.getUint16(index * 8 + (type === innerType ? 4 : 2), true);
    return { type, low, block: type === innerType ? 0 : view.getUint32(index * 8 + 4, true) };
  });
}

async function compactEntries(
  pages: Pages,
  start: number,
  count: number,
  logicalBits: number,
  advice: number,
): Promise<readonly Entry[]> {
  if (logicalBits > 14) throw notUnderstood("its logical clusters are too large for their index");
  const entries: Entry[] = [];
  const first = Math.min(count, ((32 - (start % 32)) % 32) / 4);
  const small = (advice & compact2Advice) === 0 || logicalBits !== 12 ? 0 : Math.floor((count - first) / 16) * 16;
  let at = start;
  for (const [length, perPack, packBytes] of [
    [first, 2, 8],
    [small, 16, 32],
    [count - first - small, 2, 8],
  ] as const) {
    const packs = Math.ceil(length / perPack);
    const bytes = await pages.read(at, packs * packBytes);
    for (let pack = 0; pack < packs; pack += 1) {
      const own = bytes.subarray(pack * packBytes, (pack + 1) * packBytes);
      unpack(own, perPack, Math.min(perPack, length - pack * perPack), logicalBits, advice, entries);
    }
    at += packs * packBytes;
  }
  return entries;
}

/** A pack: `perPack` bit fields of type and low part, then the block in front of its first cluster. */
function unpack(
  bytes: Uint8Array,
  perPack: number,
  length: number,
  logicalBits: number,
  advice: number,
  entries: Entry[],
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const bits = ((bytes.length - 4) * 8) / perPack;
  const big = (advice & bigAdvice) !== 0;
  let block = view.getUint32(bytes.length - 4, true) + (big ? 0 : 1);
  let headBefore = false;
  for (let index = 0; index < length; index += 1) {
    const bit = index * bits;
    const byte = Math.min(bit >>> 3, bytes.length - 4);
    const value = view.getUint32(byte, true) >>> (bit - byte * 8);
    const low = value & ((1 << logicalBits) - 1);
    const type = (value >>> logicalBits) & 3;
    entries.push({ type, low, block: type === innerType ? 0 : block });
    if (type !== innerType) block += 1;
    else if (big && (low & blockCountFlag) !== 0) block += (low & ~blockCountFlag) - (headBefore ? 1 : 0);
    headBefore = type !== innerType;
  }
}
