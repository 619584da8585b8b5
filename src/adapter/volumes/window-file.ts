// A part of a disk as a file of its own: a partition, and no byte outside it.
import { Fault } from "../../base/fault.ts";
import type { DiskFile } from "../../port/disk.ts";

/** Takes over `whole`: closing the window closes it. */
export function windowOf(whole: DiskFile, name: string, startBytes: number, sizeBytes: number): DiskFile {
  const refuse = (doing: string): never => {
    throw new Fault("io-error", `Cannot ${doing} ${name}: it is a partition`);
  };
  return {
    path: name,
    size: async () => sizeBytes,
    async read(offset, into) {
      const count = Math.max(0, Math.min(into.length, sizeBytes - offset));
      return count === 0 ? 0 : whole.read(startBytes + offset, into.subarray(0, count));
    },
    async write(offset, bytes) {
      if (offset < 0 || offset + bytes.length > sizeBytes) {
        throw new Fault("no-space", `Cannot write ${name}: it has ${sizeBytes} bytes`, {
          details: { offset, lengthBytes: bytes.length },
        });
      }
      await whole.write(startBytes + offset, bytes);
    },
    truncate: async () => refuse("resize"),
    sync: () => whole.sync(),
    setMode: async () => refuse("set the mode of"),
    setTime: async () => refuse("set the time of"),
    setOwner: async () => refuse("set the owner of"),
    [Symbol.asyncDispose]: () => whole[Symbol.asyncDispose](),
  };
}
