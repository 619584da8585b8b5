// The jobs of a Rebuilder in the process that is asked: what a confined child does, and all that a simulated one is.
import { Fault } from "../base/fault.ts";
import type { RebuildInput, RebuildJob } from "../port/rebuilder.ts";
import { decompressHere } from "./chunk/stored-chunk.ts";
import { rebuildGroup } from "./rebuild-group.ts";

export function rebuildHere(job: Omit<RebuildJob, "input"> & RebuildInput): Uint8Array {
  const { group, encoders, old, section } = job;
  return rebuildGroup(group, encoders, old, section);
}

/** Faults: `chunk-compression`, and `chunk-damaged` for what does not decompress to at most `length` bytes. */
export function decompressChunkHere(stored: Uint8Array, length: number): Uint8Array {
  try {
    return decompressHere(stored, length);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault("chunk-damaged", "Cannot decompress a chunk: it is damaged, or larger than it should be", {
      retriable: true,
      cause,
    });
  }
}
