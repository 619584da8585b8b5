// The superblock of an erofs image: how large the file system says it is, and whether its own checksum agrees
// (Linux Documentation/filesystems/erofs.rst and fs/erofs/erofs_fs.h).
import { Fault } from "../../base/fault.ts";
import { toHex } from "../../base/text.ts";
import type { ByteReader } from "../pe.ts";
import { crc32c } from "./crc32c.ts";

export type ErofsFaultCode = "not-erofs" | "erofs-damaged" | "erofs-truncated";

export interface ErofsSuperblock {
  readonly blockBytes: number;
  readonly blocks: number;
  /** Of the file system as a whole: an image file has at least as many bytes. */
  readonly sizeBytes: number;
  readonly rootNid: number;
  /** Blocks at which metadata and shared attributes begin. */
  readonly metaBlock: number;
  readonly xattrBlock: number;
  readonly inodes: bigint;
  /** Seconds and nanoseconds that compact inodes have as their time. */
  readonly buildSeconds: bigint;
  readonly buildNanoseconds: number;
  /** 32 hex digits. */
  readonly uuid: string;
  readonly volumeName: string;
  readonly featureCompat: number;
  readonly featureIncompat: number;
  /** Bits: 1 lz4, 2 lzma, 4 deflate, 8 zstd; 0 where nothing is compressed. */
  readonly compressions: number;
  readonly directoryBlockBytes: number;
}

const offset = 1024;
const length = 128;
const magic = 0xe0f5e1e2;
const featureChecksum = 0x1;
const feature48Bit = 0x80;
const minBlockBits = 9;
const maxBlockBits = 16;
const checksumAt = 4;

const refuse = (code: ErofsFaultCode, state: string): Fault<ErofsFaultCode> =>
  new Fault(code, `Cannot read the erofs image: ${state}`);

export async function looksLikeErofs(image: ByteReader): Promise<boolean> {
  if (image.sizeBytes < offset + length) return false;
  const bytes = await image.read(offset, 4);
  return bytes.length === 4 && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) === magic;
}

/** Faults: `not-erofs`, `erofs-damaged`, and `erofs-truncated` where the file is shorter than the file system in it. */
export async function readErofsSuperblock(image: ByteReader): Promise<ErofsSuperblock> {
  if (!(await looksLikeErofs(image))) throw refuse("not-erofs", "it has no erofs superblock");
  const bytes = await image.read(offset, length);
  if (bytes.length < length) throw refuse("erofs-truncated", "it ends within its superblock");
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const blockBits = view.getUint8(12);
  if (blockBits < minBlockBits || blockBits > maxBlockBits)
    throw refuse("erofs-damaged", `its superblock claims blocks of 2^${blockBits} bytes`);
  const blockBytes = 2 ** blockBits;
  const featureCompat = view.getUint32(8, true);
  if ((featureCompat & featureChecksum) !== 0) await checkSum(image, blockBytes, view.getUint32(checksumAt, true));
  const featureIncompat = view.getUint32(80, true);
  const high = (featureIncompat & feature48Bit) === 0 ? 0 : view.getUint16(14, true);
  const blocks = high * 2 ** 32 + view.getUint32(36, true);
  const sizeBytes = blocks * blockBytes;
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < offset + length)
    throw refuse("erofs-damaged", `its superblock claims ${blocks} blocks`);
  if (sizeBytes > image.sizeBytes)
    throw refuse("erofs-truncated", `its superblock tells of ${sizeBytes} bytes, and the file has ${image.sizeBytes}`);
  return {
    blockBytes,
    blocks,
    sizeBytes,
    rootNid: high === 0 ? view.getUint16(14, true) : Number(view.getBigUint64(112, true)),
    metaBlock: view.getUint32(40, true),
    xattrBlock: view.getUint32(44, true),
    inodes: view.getBigUint64(16, true),
    buildSeconds: view.getBigUint64(24, true),
    buildNanoseconds: view.getUint32(32, true),
    uuid: toHex(bytes.subarray(48, 64)),
    volumeName: textOf(bytes.subarray(64, 80)),
    featureCompat,
    featureIncompat,
    compressions: view.getUint16(84, true),
    directoryBlockBytes: blockBytes * 2 ** view.getUint8(90),
  };
}

/** Over the rest of the superblock's block, with zeros in place of the sum itself, and without the last inversion. */
async function checkSum(image: ByteReader, blockBytes: number, expected: number): Promise<void> {
  const size = blockBytes > offset ? blockBytes - offset : blockBytes;
  const block = Uint8Array.from(await image.read(offset, size));
  if (block.length < size) throw refuse("erofs-truncated", "it ends within its superblock");
  block.fill(0, checksumAt, checksumAt + 4);
  if (~crc32c(block) >>> 0 !== expected) throw refuse("erofs-damaged", "the checksum of its superblock does not fit");
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder("latin1").decode(end < 0 ? bytes : bytes.subarray(0, end));
}
