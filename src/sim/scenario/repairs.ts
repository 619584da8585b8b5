// What was damaged before: repaired on demand, or in the middle of an update.
import { repair, update } from "./commands.ts";
import { flipped, type Listed, listed, sampleOf, two } from "./listed.ts";
import type { Outcome, Promised } from "./promised.ts";
import { buildNamed, entryPath, imagePath, plantEntry, type Sample, type SampleOptions } from "./sample-machine.ts";

const orphan = (sample: Sample): void => plantEntry(sample.world, buildNamed(sample, "2"), "os_2+3-0");

const markedBad =
  (...versions: readonly string[]) =>
  ({ world: { tree } }: Sample): void => {
    for (const version of versions) tree.shift(entryPath(`os_${version}.efi`), entryPath(`os_${version}+0-3.efi`));
  };

/** What comes after a version whose repair failed is an update: until then its entry, which cannot boot, is taken away. */
const givenUp: readonly Outcome[] = [{ next: "1", kept: ["1"], unfinished: true }];

const repaired: Pick<Promised, "work" | "recover"> = { work: repair, recover: repair };

const slots: readonly (readonly [what: string, more: Partial<SampleOptions>])[] = [
  ["", {}],
  [", packed", { compression: "xz" }],
];

export const repairs: readonly Listed[] = [
  listed("repair of a damaged image", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1"]),
    before: [flipped(imagePath("1"))],
    ...repaired,
    outcomes: [{ next: "1", kept: ["1"] }],
    always: [],
    broken: ["1"],
    limping: ["1"],
  })),
  listed("repair of an entry without its image (KDE Linux, March 2026)", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [orphan],
    ...repaired,
    // Its tries may have been used up while the image was missing.
    outcomes: [{ kept: ["1", "2"] }],
    afterFault: givenUp,
    always: ["1"],
    broken: ["2"],
  })),
  ...slots.flatMap(([what, more]): readonly Listed[] => [
    listed(`repair of an entry without its image, two slots${what}`, (seed) => ({
      sample: sampleOf(seed, "slots", ["1"], ["1", "2"], more),
      before: [orphan],
      ...repaired,
      outcomes: [{ kept: ["1", "2"] }],
      afterFault: givenUp,
      always: ["1"],
      broken: ["2"],
    })),
    // Once the slot has its label version 2 may boot, and what runs is never written anew.
    listed(`repair of an entry without its image, then update, two slots${what}`, (seed) => ({
      sample: sampleOf(seed, "slots", ["1"], ["1", "2"], more),
      before: [orphan],
      work: repair,
      recover: update,
      // Repaired, its tries may be used up; updated to, they are new.
      outcomes: [{ kept: ["1", "2"] }],
      always: ["1"],
      broken: ["2"],
    })),
  ]),
  listed("update over an entry without its image (KDE Linux, March 2026)", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [orphan],
    work: update,
    outcomes: two,
    always: ["1"],
    broken: ["2"],
  })),
  listed("update when the entry of the running version is gone", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1"]),
    before: [({ world }) => world.tree.uproot(entryPath("os_1.efi"))],
    work: update,
    outcomes: [{ next: "1", kept: ["1"] }],
    always: [],
    broken: ["1"],
  })),
  listed("repair when every entry is marked bad", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2"], ["1", "2"]),
    before: [markedBad("1", "2")],
    ...repaired,
    outcomes: [{ kept: ["1", "2"] }],
    always: ["1"],
  })),
  listed("update when every entry is marked bad", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [markedBad("1")],
    work: update,
    outcomes: two,
    always: ["1"],
  })),
  listed("damaged way back, mended in the middle of an update", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [flipped(imagePath("1"))],
    work: update,
    outcomes: two,
    always: [],
    broken: ["1"],
    limping: ["1"],
  })),
];
