// The superblock of a dm-verity hash device and the root hash that follows from it (cryptsetup wiki, DMVerity; kernel
// Documentation/admin-guide/device-mapper/verity.rst).
import { Fault } from "../base/fault.ts";
import type { ByteReader } from "./pe.ts";

export type VerityFaultCode = "verity-damaged";

export interface VerityDevice {
  readonly dataBytes: number;
  /** "sha256"; others are told and not computed with. */
  readonly algorithm: string;
  /** What the root hash is the digest of, the salt in front; absent where there is one data block, which is hashed itself. */
  readonly rootInput: Uint8Array | undefined;
}

const magic = "verity\0\0";
const superblockBytes = 512;
const maxSaltBytes = 256;

export async function looksLikeVerity(file: ByteReader): Promise<boolean> {
  if (file.sizeBytes < superblockBytes) return false;
  return new TextDecoder("latin1").decode(await file.read(0, magic.length)) === magic;
}

/** Fault: `verity-damaged`. */
export async function readVerity(file: ByteReader): Promise<VerityDevice> {
  const refuse = (state: string): Fault<VerityFaultCode> =>
    new Fault("verity-damaged", `Cannot read the verity hashes: ${state}`);
  const bytes = await file.read(0, superblockBytes);
  if (bytes.length < superblockBytes) throw refuse("they end within the superblock");
  const view = new DataView(bytes.buffer, bytes.byteOffset, superblockBytes);
  const dataBlockBytes = view.getUint32(64, true);
  const hashBlockBytes = view.getUint32(68, true);
  const dataBlocks = view.getBigUint64(72, true);
  const saltBytes = view.getUint16(80, true);
  const isSize = (size: number): boolean => size >= 512 && size <= 1 << 19 && (size & (size - 1)) === 0;
  if (view.getUint32(8, true) !== 1 || view.getUint32(12, true) !== 1) throw refuse("they are of another format");
  if (!isSize(dataBlockBytes) || !isSize(hashBlockBytes) || saltBytes > maxSaltBytes || dataBlocks > 1n << 40n)
    throw refuse("their superblock makes no sense");
  const [algorithm = ""] = new TextDecoder("latin1").decode(bytes.subarray(32, 64)).split("\0");
  // The tree begins in the next block, its top first.
  const top = await file.read(hashBlockBytes, hashBlockBytes);
  if (dataBlocks > 1n && top.length < hashBlockBytes) throw refuse("they end within the tree");
  const rootInput = new Uint8Array(saltBytes + hashBlockBytes);
  rootInput.set(bytes.subarray(88, 88 + saltBytes));
  rootInput.set(top, saltBytes);
  return {
    dataBytes: Number(dataBlocks) * dataBlockBytes,
    algorithm,
    rootInput: dataBlocks > 1n ? rootInput : undefined,
  };
}
