// The simulated Rebuilder: the same work, done at once and in this process.
import { decompressChunkHere, rebuildHere } from "../../delta/rebuild-here.ts";
import type { Rebuilder, RebuilderRun } from "../../port/rebuilder.ts";

export const simRebuilder: Rebuilder = {
  start: (signal): RebuilderRun => ({
    rebuild: async ({ group, encoders, input }) => {
      signal.throwIfAborted();
      return rebuildHere({ group, encoders, ...(await input()) });
    },
    decompress: async (stored, length) => {
      signal.throwIfAborted();
      return decompressChunkHere(stored, length);
    },
    [Symbol.asyncDispose]: async () => {},
  }),
};
