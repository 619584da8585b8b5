// A file of the machine as formats read it: in parts, each as long as was asked for.
import type { ByteReader } from "../format/pe.ts";
import type { DiskFile } from "./disk.ts";

export async function readerOf(file: DiskFile): Promise<ByteReader> {
  return {
    sizeBytes: await file.size(),
    read: async (offset, length) => {
      const bytes = new Uint8Array(length);
      let filled = 0;
      for (let read = -1; filled < length && read !== 0; filled += read)
        read = await file.read(offset + filled, bytes.subarray(filled));
      return bytes.subarray(0, filled);
    },
  };
}
