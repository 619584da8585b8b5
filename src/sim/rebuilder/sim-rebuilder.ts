// The simulated Rebuilder: the same work, done at once and in this process.
import { decompressChunkHere, rebuildHere } from "../../delta/rebuild-here.ts";
import type { Rebuilder, RebuilderRun } from "../../port/rebuilder.ts";

const run: RebuilderRun = {
  rebuild: async (job) => rebuildHere(job),
  decompress: async (stored, length) => decompressChunkHere(stored, length),
  [Symbol.asyncDispose]: async () => {},
};

export const simRebuilder: Rebuilder = { start: () => run };
