// For tests: the beginning of an erofs image, its superblock whole and checksummed, with any bytes behind.
import { crc32c } from "./crc32c.ts";

const blockBytes = 4096;

/** A file of whole blocks that passes for an erofs image until somebody looks for files in it. */
export function tinyErofs(content: Uint8Array): Uint8Array {
  const blocks = 1 + Math.ceil(content.length / blockBytes);
  const image = new Uint8Array(blocks * blockBytes);
  const view = new DataView(image.buffer);
  view.setUint32(1024, 0xe0f5e1e2, true);
  view.setUint32(1024 + 8, 1, true);
  view.setUint8(1024 + 12, 12);
  view.setUint32(1024 + 36, blocks, true);
  view.setUint16(1024 + 84, 8, true);
  image.set(content, blockBytes);
  view.setUint32(1024 + 4, ~crc32c(image.subarray(1024, blockBytes)) >>> 0, true);
  return image;
}
