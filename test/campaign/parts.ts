// The parts of the campaign, in the order of the page. A part is loaded when it runs: `--list` and `--page` need none.
import type { Part } from "./part.ts";

export interface ListedPart {
  /** The part's own name, and that of its folder somewhere below this one. */
  readonly name: string;
  readonly load: () => Promise<Part>;
}

export const parts: readonly ListedPart[] = [
  { name: "simulator", load: async () => (await import("./simulator/part.ts")).part },
  { name: "mutations", load: async () => (await import("./mutations/part.ts")).mutations },
  { name: "kills", load: async () => (await import("./kills/part.ts")).part },
  { name: "power-cuts", load: async () => (await import("./power-cuts/part.ts")).part },
  { name: "peers", load: async () => (await import("./peers/part.ts")).part },
  { name: "server-faults", load: async () => (await import("./faults/server-faults/part.ts")).part },
  { name: "full-disks", load: async () => (await import("./faults/full-disks/part.ts")).part },
  { name: "damage", load: async () => (await import("./faults/damage/part.ts")).part },
  { name: "fuzzing", load: async () => (await import("./fuzzing/part.ts")).part },
];
