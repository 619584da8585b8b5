// Going back, forward again, and features switched on and off.
import { rollbackTo, update, updateTo, vacuum } from "./commands.ts";
import { booted, did, type Listed, listed, sampleOf, three, two } from "./listed.ts";
import { hasEntries } from "./sample-parts.ts";
import { type Layout, plantTools, type SampleOptions, switchTools } from "./sample-machine.ts";

const layouts: readonly (readonly [layout: Layout, name: string, more?: Partial<SampleOptions>])[] = [
  ["files", ""],
  ["slots", ", two slots"],
  ["trees", ", trees with a link"],
  ["subvolumes", ", subvolumes with a link"],
  ["conf", ", type 1 entries"],
  ["files", ", addons beside the UKI", { addon: true }],
];

function onLayout([layout, what, more]: (typeof layouts)[number]): readonly Listed[] {
  return [
    listed(`rollback from v2 to v1${what}`, (seed) => ({
      sample: sampleOf(seed, layout, ["1"], ["1", "2"], more),
      before: [did(update), booted],
      work: rollbackTo("1"),
      recover: rollbackTo("1"),
      outcomes: [{ next: "1", kept: ["1", "2"] }],
      // On an ESP without room for a copy the entry is renamed, and FAT may lose both names when power goes as well.
      ...(hasEntries(layout) ? { afterFault: [{ next: "1", kept: ["1"], unfinished: true }] } : {}),
      always: ["1"],
    })),
    listed(`forward again from v1 to v2${what}`, (seed) => ({
      sample: sampleOf(seed, layout, ["1"], ["1", "2"], more),
      before: [did(update), booted, did(rollbackTo("1")), booted],
      work: updateTo("2"),
      recover: updateTo("2"),
      outcomes: two,
      always: ["1"],
    })),
  ];
}

const features: readonly Listed[] = [
  listed("a feature switched on, then v3", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"], { tools: "off", toolsIn: ["3"] }),
    before: [did(updateTo("2")), booted, ({ world }) => switchTools(world, true)],
    work: update,
    outcomes: three,
    // Where the record of v2 rots, only today's definitions say what v2 needs, and it lacks the tools: v3, which was found
    // good since, is the way back then.
    afterFault: [{ next: "3", kept: ["3"], unfinished: true }],
    always: ["2"],
  })),
  listed("a feature switched off, then v3", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"], { tools: "on", toolsIn: ["1", "2"] }),
    before: [did(updateTo("2")), booted, ({ world }) => switchTools(world, false)],
    work: update,
    outcomes: three,
    always: ["2"],
  })),
  listed("a feature switched off, then vacuum", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"], { tools: "on" }),
    before: [(made): void => plantTools(made, "1"), did(update), booted, ({ world }) => switchTools(world, false)],
    work: vacuum,
    recover: vacuum,
    outcomes: two,
    always: ["1", "2"],
  })),
];

export const switches: readonly Listed[] = [...layouts.flatMap(onLayout), ...features];
