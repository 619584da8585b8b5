// zstd as src/delta uses it: clusters of images made again bit for bit, and sections patched against old bytes.
// What comes out of the encoder belongs to its version, which is part of a delta's encoder and proved by a sample.
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { Fault } from "../base/fault.ts";
import type { Encoder } from "../format/delta-file.ts";

/** zstd takes a dictionary that begins with its magic number for a trained one; so every dictionary begins with zeros. */
export const dictionaryPrefixBytes = 8;

const frameMagic = 0xfd2fb528;
/** What zstd's compression bound adds to the length, generously. */
const boundOf = (length: number): number => length + (length >>> 8) + 1024;

/** Where the frame begins in a cluster that is filled up with zeros in front; -1 where there is none. */
export function frameStart(cluster: Uint8Array): number {
  let at = 0;
  while (at < cluster.length && cluster[at] === 0) at += 1;
  if (at + 4 > cluster.length) return -1;
  const view = new DataView(cluster.buffer, cluster.byteOffset + at, 4);
  return view.getUint32(0, true) === frameMagic ? at : -1;
}

/** What is in a cluster, exactly `plainLength` bytes. Throws a Fault (`delta-cluster`). */
export function decodeCluster(cluster: Uint8Array, plainLength: number): Uint8Array {
  const start = frameStart(cluster);
  if (start < 0) throw new Fault("delta-cluster", "Cannot decode a cluster of the image: it is no zstd frame");
  return decompress(cluster.subarray(start), plainLength, undefined, "delta-cluster", "a cluster of the image");
}

/** One zstd frame of `plain` under the encoder's parameters, as mkfs.erofs makes it. */
export function encodeCluster(plain: Uint8Array, { level, windowLog }: Encoder): Uint8Array {
  return zstdCompressSync(plain, {
    pledgedSrcSize: plain.length,
    // Whole output in one call: the encoder flushes differently when its buffer is full.
    chunkSize: boundOf(plain.length),
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_windowLog]: windowLog,
    },
  });
}

/** A section's plain bytes, exactly `plainLength`. The frame's checksum notices a wrong dictionary. */
export function decodeSection(section: Uint8Array, plainLength: number, dictionary: Uint8Array): Uint8Array {
  return decompress(section, plainLength, dictionary, "delta-section", "a section of the delta");
}

function decompress(
  frame: Uint8Array,
  plainLength: number,
  dictionary: Uint8Array | undefined,
  code: string,
  what: string,
): Uint8Array {
  let plain: Uint8Array;
  try {
    plain = zstdDecompressSync(frame, {
      ...(dictionary === undefined ? {} : { dictionary }),
      maxOutputLength: plainLength,
      // One byte more: Node makes another buffer of this size when one is full.
      chunkSize: Math.max(64, plainLength + 1),
      params: { [constants.ZSTD_d_windowLogMax]: 25 },
    });
  } catch (cause) {
    throw new Fault(code, `Cannot decode ${what}: zstd refuses it`, { cause });
  }
  if (plain.length !== plainLength)
    throw new Fault(code, `Cannot decode ${what}: it has ${plain.length} bytes instead of ${plainLength}`);
  return plain;
}
