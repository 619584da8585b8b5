// Small pieces that lie close together, as headers and text sections of an image do, in one reading instead of many.
import type { ByteReader } from "./pe.ts";

/** What a medium brings in one go anyway. */
const pageBytes = 4096;

/** Reads a page where less is asked for, and answers from it for as long as it serves. Larger pieces are read as they are. */
export function readAhead(reader: ByteReader): ByteReader {
  let start = 0;
  let page: Uint8Array = new Uint8Array();
  return {
    sizeBytes: reader.sizeBytes,
    read: async (offset, length) => {
      if (length > pageBytes) return reader.read(offset, length);
      if (offset < start || offset + length > start + page.length) {
        page = await reader.read(offset, Math.max(0, Math.min(pageBytes, reader.sizeBytes - offset)));
        start = offset;
      }
      return page.subarray(offset - start, offset - start + length);
    },
  };
}
