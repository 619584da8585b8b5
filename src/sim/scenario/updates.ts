// Updates on every layout: one version to the next, with and without a removal, and versions published again.
import { update, updateTo } from "./commands.ts";
import { booted, did, type Listed, listed, sampleOf, three, two, unless } from "./listed.ts";
import type { Layout, SampleOptions } from "./sample-machine.ts";

const layouts: readonly (readonly [layout: Layout, name: string, more?: Partial<SampleOptions>])[] = [
  ["files", "images on ext4"],
  ["slots", "two slots"],
  ["trees", "trees with a link"],
  ["subvolumes", "subvolumes with a link"],
  ["conf", "type 1 entries"],
  ["images", "a component without an entry"],
  ["files", "packed images", { compression: "zst" }],
  ["slots", "packed images into slots", { compression: "xz" }],
  ["files", "addons beside the UKI", { addon: true }],
  ["files", "a repository with an index", { index: true }],
  ["files", "a repository with deltas", { index: true, deltas: true }],
  ["slots", "deltas into slots", { index: true, deltas: true }],
];

function onLayout([layout, what, more]: (typeof layouts)[number]): readonly Listed[] {
  return [
    listed(`v1 to v2, ${what}`, (seed) => ({
      sample: sampleOf(seed, layout, ["1"], ["1", "2"], more),
      work: update,
      outcomes: two,
      always: ["1"],
    })),
    listed(`v2 to v3, v1 goes, ${what}`, (seed) => ({
      sample: sampleOf(seed, layout, ["1"], ["1", "2", "3"], more),
      before: [did(updateTo("2")), booted],
      work: update,
      outcomes: three,
      always: ["2"],
    })),
  ];
}

export const updates: readonly Listed[] = [
  listed("first install", (seed) => ({
    sample: sampleOf(seed, "files", [], ["1"]),
    work: update,
    outcomes: [{ next: "1", kept: ["1"] }],
    always: [],
  })),
  ...layouts.flatMap(onLayout),
  listed("untested v2 replaced by v3", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
    before: [did(updateTo("2"))],
    work: update,
    // After the cut v2 may have come up and been found good.
    outcomes: [{ next: "3", kept: ["1", "3"] }, ...three],
    always: [],
  })),
  listed("v2 taken back before it was booted", (seed) => {
    const sample = sampleOf(seed, "files", ["1"], ["1", "2"], { index: true });
    const later = sampleOf(seed, "files", ["1"], ["1", "2"], { index: true, withdrawn: ["2"] });
    return {
      sample,
      before: [did(updateTo("2")), ({ world }) => world.serve(later.world.servers)],
      work: update,
      outcomes: [
        { next: "1", kept: ["1", "2"] },
        // After the cut v2 may have come up and been found good.
        { next: "2", kept: ["1", "2"] },
      ],
      // On an ESP without room for a copy the entry is renamed, and FAT may lose both names when power goes as well.
      afterFault: [{ next: "1", kept: ["1"], unfinished: true }],
      always: ["1"],
    };
  }),
  listed("v2 published again with other bytes", (seed) => {
    const sample = sampleOf(seed, "files", ["1"], ["1", "2"]);
    const later = sampleOf(seed, "files", ["1"], ["1", "2"], { republished: ["2"] });
    return {
      sample: { world: sample.world, truth: later.truth },
      before: [did(updateTo("2")), ({ world }) => world.serve(later.world.servers)],
      work: update,
      recover: unless(["republished"], update),
      outcomes: two,
      always: ["1"],
    };
  }),
];
