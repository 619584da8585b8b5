// Vacuum: old versions go, from a tidy machine and from mixed states.
import { vacuum } from "./commands.ts";
import { type Listed, listed, sampleOf, three } from "./listed.ts";

export const vacuums: readonly Listed[] = [
  listed("vacuum of v1", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2", "3"], ["1", "2", "3"]),
    work: vacuum,
    recover: vacuum,
    outcomes: three,
    always: ["2", "3"],
  })),
];
