// What has been reached so far: edges, and roughly how often each was taken in one execution.
import type { Edges } from "./hooks.ts";

/** 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, more: going round a loop once more is news only at first. */
const buckets: Uint8Array = Uint8Array.from({ length: 256 }, (_, count) => {
  const limits = [1, 2, 3, 4, 8, 16, 32, 128];
  const at = limits.findLastIndex((limit) => count >= limit);
  return at < 0 ? 0 : 1 << at;
});

export class Coverage {
  readonly #edges: Edges;
  readonly #seen: Uint8Array;
  readonly #fours: Uint32Array;

  constructor(edges: Edges) {
    this.#edges = edges;
    this.#seen = new Uint8Array(edges.counters.length);
    this.#fours = new Uint32Array(edges.counters.buffer);
  }

  /** Before an execution. */
  clear(): void {
    this.#edges.counters.fill(0, 0, this.#edges.used());
  }

  /** After it: whether it reached an edge for the first time, or one oftener than before. */
  judge(): "edge" | "count" | undefined {
    const { counters } = this.#edges;
    const end = this.#edges.used();
    let news: "edge" | "count" | undefined;
    for (let index = 0; index < end; index++) {
      // Most of what is loaded is not reached: four at a time.
      if ((index & 3) === 0) while (index < end && this.#fours[index >> 2] === 0) index += 4;
      const count = counters[index] as number;
      if (count === 0) continue;
      const bucket = buckets[count] as number;
      const before = this.#seen[index] as number;
      if ((before & bucket) !== 0) continue;
      this.#seen[index] = before | bucket;
      if (before === 0) news = "edge";
      else news ??= "count";
    }
    return news;
  }

  /** Edges reached and edges there are, in the modules and functions named. */
  of(paths: readonly string[]): { readonly reached: number; readonly total: number } {
    let reached = 0;
    let total = 0;
    for (const path of paths) {
      const module = this.#edges.places.get(path);
      if (module === undefined) throw new Error(`Cannot count the edges of ${path}: nothing of that name was loaded`);
      total += module.end - module.first;
      for (let index = module.first; index < module.end; index++) if (this.#seen[index] !== 0) reached++;
    }
    return { reached, total };
  }
}
