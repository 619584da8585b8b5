// For tests: a whole erofs image of 12 blocks of 512 bytes, with a file of each layout, written by hand after the format.
import { crc32c } from "./crc32c.ts";

const block = 512;
const blocks = 12;
const superblock = 1024;
const metaBlock = 4;
const folder = 0x4000;
const file = 0x8000;
const formats = { flat: 0, full: 1 << 1, inline: 2 << 1, compact: 3 << 1, chunks: 4 << 1 };

/** Where the inodes of the sample lie, in bytes: of the root, and of its files by name. */
export const sampleInodes: Readonly<Record<"root" | "chunked" | "compressed" | "flat" | "full", number>> = {
  root: metaBlock * block,
  chunked: metaBlock * block + 4 * 32,
  compressed: metaBlock * block + 6 * 32,
  flat: metaBlock * block + 9 * 32,
  full: metaBlock * block + 10 * 32,
};

export function sampleErofs(): Uint8Array {
  const image = new Uint8Array(blocks * block);
  const view = new DataView(image.buffer);
  view.setUint32(superblock, 0xe0f5e1e2, true);
  view.setUint32(superblock + 8, 1, true);
  view.setUint8(superblock + 12, 9);
  view.setUint16(superblock + 14, 0, true);
  view.setUint32(superblock + 36, blocks, true);
  view.setUint32(superblock + 40, metaBlock, true);
  // Large clusters, chunks; zstd with a window of 2^19 bytes.
  view.setUint32(superblock + 80, 0x2 | 0x4, true);
  view.setUint16(superblock + 84, 8, true);
  view.setUint16(superblock + 128, 6, true);
  view.setUint8(superblock + 131, 9);

  const names = ["chunked", "compressed", "flat", "full"] as const;
  inode(view, sampleInodes.root, { format: formats.inline, mode: folder, size: 12 * 4 + 28, value: 0 });
  let at = 12 * 4;
  names.forEach((name, index) => {
    const entry = sampleInodes.root + 32 + index * 12;
    view.setUint32(entry, (sampleInodes[name] - sampleInodes.root) / 32, true);
    view.setUint16(entry + 8, at, true);
    new TextEncoder().encodeInto(name, image.subarray(sampleInodes.root + 32 + at));
    at += name.length;
  });
  inode(view, sampleInodes.chunked, { format: formats.chunks, mode: file, size: 700, value: 0 });
  view.setUint32(sampleInodes.chunked + 32, 6, true);
  view.setUint32(sampleInodes.chunked + 36, 0xffffffff, true);

  // Three logical clusters of 4096 bytes in one physical one of two blocks.
  inode(view, sampleInodes.compressed, { format: formats.compact, mode: file, size: 9000, value: 2 });
  const index = sampleInodes.compressed + 32;
  view.setUint16(index + 4, 0x2, true);
  view.setUint8(index + 6, 3);
  view.setUint8(index + 7, 3);
  view.setUint16(index + 8, 1 << 12, true);
  view.setUint16(index + 10, (2 << 12) | (1 << 11) | 2, true);
  view.setUint32(index + 12, 7, true);
  view.setUint16(index + 16, (2 << 12) | 2, true);

  inode(view, sampleInodes.flat, { format: formats.flat, mode: file, size: 600, value: 9 });

  inode(view, sampleInodes.full, { format: formats.full, mode: file, size: 400, value: 1 });
  view.setUint8(sampleInodes.full + 32 + 6, 3);
  view.setUint16(sampleInodes.full + 48, 1, true);
  view.setUint32(sampleInodes.full + 52, 11, true);
  return withChecksum(image);
}

/** With the checksum of its superblock made right again. */
export function withChecksum(image: Uint8Array): Uint8Array {
  const fixed = image.slice();
  if (fixed.length < superblock + block) return fixed;
  const sum = fixed.slice(superblock, superblock + block);
  sum.fill(0, 4, 8);
  new DataView(fixed.buffer).setUint32(superblock + 4, ~crc32c(sum) >>> 0, true);
  return fixed;
}

function inode(
  view: DataView,
  at: number,
  { format, mode, size, value }: Readonly<Record<"format" | "mode" | "size" | "value", number>>,
): void {
  view.setUint16(at, format, true);
  view.setUint16(at + 4, mode, true);
  view.setUint32(at + 8, size, true);
  view.setUint32(at + 16, value, true);
}
