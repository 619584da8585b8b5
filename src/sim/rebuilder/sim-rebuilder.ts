// The simulated Rebuilder: the same work, done at once and in this process.
import { decompressChunkHere, rebuildHere } from "../../delta/rebuild-here.ts";
import type { Rebuilder, RebuilderRun } from "../../port/rebuilder.ts";

export const simRebuilder: Rebuilder = {
  start: (signal): RebuilderRun => ({
    rebuild: async (job) => {
      signal.throwIfAborted();
      return rebuildHere(job);
    },
    decompress: async (stored, length) => {
      signal.throwIfAborted();
      return decompressChunkHere(stored, length);
    },
    [Symbol.asyncDispose]: async () => {},
  }),
};
