// GnuPG's keybox container (.kbx) to the OpenPGP keyblocks inside (GnuPG's kbx format; P9: keyrings also come so).
import { Fault } from "../base/fault.ts";

const magic = 0x4b425866; // "KBXf", after the length, type, version and flags of the first blob
const headerBlob = 1;
const openPgpBlob = 2;
const minHeaderSize = 32;
const minBlobSize = 5;
const maxBlobs = 20_000;

const damaged = (state: string): Fault => new Fault("keyring-damaged", `Cannot read the keyring: ${state}`);

export function isKeybox(bytes: Uint8Array): boolean {
  if (bytes.length < minHeaderSize) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return view.getUint8(4) === headerBlob && view.getUint32(8) === magic;
}

/**
 * Each public key's packets, in order; X.509 certificates and deleted blobs are passed over. All numbers are
 * big-endian; a blob is its length, a type, a version, flags, then where its keyblock begins and how long it is.
 */
export function keyboxBlocks(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const blocks: Uint8Array[] = [];
  let count = 0;
  for (let start = 0; start < bytes.length; ) {
    if (++count > maxBlobs) throw damaged("its keybox has too many parts");
    if (bytes.length - start < minBlobSize) throw damaged("its keybox is cut off");
    const size = view.getUint32(start);
    if (size < minBlobSize || size > bytes.length - start) throw damaged("a part of its keybox is cut off");
    if (view.getUint8(start + 4) === openPgpBlob) {
      if (size < 16) throw damaged("a key of its keybox is too short");
      const offset = view.getUint32(start + 8);
      const length = view.getUint32(start + 12);
      if (offset + length > size) throw damaged("a key of its keybox reaches beyond its part");
      blocks.push(bytes.slice(start + offset, start + offset + length));
    }
    start += size;
  }
  return blocks;
}
