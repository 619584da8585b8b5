// An initrd as several archives, each compressed by itself, one behind the other: the kernel unpacks them all (Linux:
// driver-api/early-userspace/buffer-format.rst). Compressed as one, every byte after the first that changed is another; so
// an update costs the segments in which something changed, whatever compares the two: deltas, chunks, rsync.
import type { CpioEntry } from "../format/cpio-writer.ts";

const leastBytes = 512 << 10;
/** Beyond it a segment ends wherever it is; a larger file is a segment of its own. */
const mostBytes = 4 << 20;
/** One name in so many ends a segment. */
const oneIn = 4;

const encoder = new TextEncoder();

/** Where a segment may end follows from names, not from sizes: what grows does not move the ends of later segments. */
function mayEnd({ path }: CpioEntry): boolean {
  return encoder.encode(path).reduce((sum, byte) => (Math.imul(sum, 31) + byte) >>> 0, 7) % oneIn === 0;
}

/** All entries, in their order. At least one segment. */
export function segmentsOf(entries: readonly CpioEntry[]): readonly (readonly CpioEntry[])[] {
  const segments: CpioEntry[][] = [[]];
  let bytes = 0;
  for (const entry of entries) {
    segments.at(-1)?.push(entry);
    bytes += entry.kind === "file" ? entry.bytes.length : 0;
    if (bytes < leastBytes || (bytes < mostBytes && !mayEnd(entry))) continue;
    segments.push([]);
    bytes = 0;
  }
  return segments.filter((segment, index) => index === 0 || segment.length > 0);
}
