// Vacuum: old versions go, from a tidy machine of every layout and from mixed states.
import { Content } from "../disk/content.ts";
import { pin, rollbackTo, vacuum } from "./commands.ts";
import { booted, did, flipped, type Listed, listed, sampleOf, three } from "./listed.ts";
import type { Promised } from "./promised.ts";
import { addonFolder } from "./sample-parts.ts";
import {
  buildNamed,
  entryPath,
  imagePath,
  type Layout,
  plantEntry,
  plantParts,
  type SampleOptions,
} from "./sample-machine.ts";

const vacuumed: Pick<Promised, "work" | "recover"> = { work: vacuum, recover: vacuum };
const all = ["1", "2", "3"];

const layouts: readonly (readonly [layout: Layout, name: string, more?: Partial<SampleOptions>])[] = [
  ["files", ""],
  ["slots", ", three slots", { slots: 3 }],
  ["trees", ", trees with a link"],
  ["subvolumes", ", subvolumes with a link"],
  ["conf", ", type 1 entries"],
  ["images", ", a component without an entry"],
  ["files", ", addons beside the UKI", { addon: true }],
];

/** The newest runs unless `options` say otherwise. */
function state(
  what: string,
  installed: readonly string[],
  rest: Pick<Promised, "outcomes" | "always"> & Partial<Promised>,
  options: Partial<SampleOptions> = {},
): Listed {
  return listed(`vacuum with ${what}`, (seed) => ({
    sample: sampleOf(seed, "files", installed, ["1", "2", "3", "4"], options),
    ...vacuumed,
    ...rest,
  }));
}

const states: readonly Listed[] = [
  state(
    "a newest version whose image is damaged, while the one before runs",
    all,
    {
      before: [
        flipped(imagePath("3")),
        ({ world: { tree } }) => tree.shift(entryPath("os_3.efi"), entryPath("os_3+3-0.efi")),
      ],
      // What cannot boot is of least use: it goes first.
      outcomes: [{ next: "2", kept: ["1", "2"] }],
      // That it is damaged only the sources can tell, and a wrong byte of what runs makes vacuum keep whatever it may need:
      // vacuum mends nothing, and a version more or less beside the way back is no promise of it.
      afterFault: [{ kept: ["2"], brokenNext: true, unfinished: true }],
      always: ["2"],
      broken: ["3"],
    },
    { running: "2" },
  ),
  state("an entry without its image", ["1", "2"], {
    before: [(sample): void => plantEntry(sample.world, buildNamed(sample, "3"), "os_3+3-0")],
    outcomes: [{ next: "2", kept: ["1", "2"] }],
    always: ["2"],
    broken: ["3"],
  }),
  state("an image without its entry", ["1", "2"], {
    before: [(sample): void => plantParts(sample.world, buildNamed(sample, "3"))],
    outcomes: [{ next: "2", kept: ["1", "2"] }],
    always: ["1", "2"],
  }),
  state(
    "the newest version on trial",
    ["1", "2"],
    {
      before: [
        (sample): void => {
          plantParts(sample.world, buildNamed(sample, "3"));
          plantEntry(sample.world, buildNamed(sample, "3"), "os_3+2-1");
        },
      ],
      outcomes: [{ next: "3", kept: ["2", "3"] }],
      always: ["2", "3"],
    },
    { running: "2" },
  ),
  state("junk under a final name", all, {
    before: [({ world }): void => world.tree.plant(imagePath("4"), Content.pattern(99, 3_000))],
    outcomes: [{ next: "3", kept: ["2", "3"] }],
    always: ["2", "3"],
  }),
  state("the oldest version pinned", all, {
    before: [did(pin("1"))],
    outcomes: [{ next: "3", kept: ["1", "3"] }, { next: "3", kept: all }, ...three],
    always: ["1", "3"],
  }),
  state("the newest version gone back from", all, {
    before: [did(rollbackTo("2")), booted],
    outcomes: [{ next: "2", kept: ["1", "2"] }],
    always: ["2"],
  }),
  state("every entry marked bad", all, {
    before: [
      ({ world: { tree } }): void => {
        for (const version of all) tree.shift(entryPath(`os_${version}.efi`), entryPath(`os_${version}+0-3.efi`));
      },
    ],
    outcomes: [{ kept: ["2", "3"] }],
    always: ["3"],
  }),
];

export const vacuums: readonly Listed[] = [
  ...layouts.map(([layout, what, more]) =>
    listed(`vacuum of v1${what}`, (seed) => ({
      sample: sampleOf(seed, layout, all, all, more),
      ...vacuumed,
      // Nobody recorded what was installed before Holdfast: an empty folder of it may stay.
      ...(more?.addon === true ? { remains: [addonFolder("1")] } : {}),
      outcomes:
        layout === "slots"
          ? [
              { next: "3", kept: ["2", "3"] },
              { next: "3", kept: all },
            ]
          : three,
      always: ["2", "3"],
    })),
  ),
  ...states,
];
