// What an image asks of its reader: features that are not known here make it one that is not understood.
import type { ByteReader } from "../pe.ts";
import { notUnderstood } from "./not-understood.ts";
import { type ErofsSuperblock, readErofsSuperblock } from "./superblock.ts";

export interface Settings {
  readonly blockBits: number;
  readonly blockBytes: number;
  /** Where node 0 would lie, in bytes. */
  readonly metaOffset: number;
  readonly rootNode: number;
  /** 0 where fragments of files are not packed together. */
  readonly packedNode: number;
  /** Of zstd; undefined where the image is not compressed by zstd. */
  readonly windowLog: number | undefined;
  readonly bigClusters: boolean;
}

const superblockOffset = 1024;
const superblockBytes = 128;
const settingsBytes = 512;
const slotBytes = 16;
const slotsAt = 13;
const devicesAt = 86;
const packedNodeAt = 96;
/** Bits of the incompatible features: settings and large clusters, fragments. */
const bigClusterFeature = 0x2;
const fragmentsFeature = 0x20;
/** These, zero padding, chunks, a second head, packed tails, prefixes of attributes. */
const knownFeatures = 0x7f;
const zstdAlgorithm = 3;
const algorithms = 16;
const zstdWindowBase = 10;

/** Throws a Fault: those of the superblock, and `erofs-not-understood`. */
export async function readSettings(image: ByteReader): Promise<Settings> {
  const superblock = await readErofsSuperblock(image);
  const { featureIncompat, blockBytes, directoryBlockBytes, metaBlock, rootNid } = superblock;
  if ((featureIncompat & ~knownFeatures) !== 0) throw notUnderstood("it uses features that are not known here");
  if (directoryBlockBytes !== blockBytes) throw notUnderstood("its folders have blocks of their own size");
  const length = Math.min(settingsBytes, image.sizeBytes - superblockOffset);
  const bytes = await image.read(superblockOffset, length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint16(devicesAt, true) !== 0) throw notUnderstood("parts of it lie on other devices");
  const bigClusters = (featureIncompat & bigClusterFeature) !== 0;
  return {
    blockBits: Math.log2(blockBytes),
    blockBytes,
    metaOffset: metaBlock * blockBytes,
    rootNode: rootNid,
    packedNode: (featureIncompat & fragmentsFeature) === 0 ? 0 : Number(view.getBigUint64(packedNodeAt, true)),
    windowLog: bigClusters ? zstdWindowLog(superblock, view) : undefined,
    bigClusters,
  };
}

/** The settings lie behind the superblock, in the order of the algorithms that are in use, each behind its length. */
function zstdWindowLog({ compressions }: ErofsSuperblock, view: DataView): number | undefined {
  let at = superblockBytes + view.getUint8(slotsAt) * slotBytes;
  for (let algorithm = 0; algorithm < algorithms; algorithm += 1) {
    if ((compressions & (1 << algorithm)) === 0) continue;
    if (at + 4 > view.byteLength) throw notUnderstood("it ends in the settings of its compressors");
    if (algorithm === zstdAlgorithm) return view.getUint8(at + 3) + zstdWindowBase;
    at += 2 + view.getUint16(at, true);
  }
  return undefined;
}
