// The scenarios in which power is cut at every call (issue 3, "Exhaustive where possible"): named, and made when asked for.
import { Fault } from "../../base/fault.ts";
import { comesUp } from "../check/p6-comes-up.ts";
import { Content } from "../disk/content.ts";
import type { Scenario } from "../explore.ts";
import { type Command, repair, rollbackTo, update, updateTo, vacuum } from "./commands.ts";
import { promised } from "./promised.ts";
import {
  entryPath,
  imagePath,
  type Layout,
  plantTools,
  type Sample,
  sampleMachine,
  type SampleOptions,
  switchTools,
} from "./sample-machine.ts";

export interface Listed {
  readonly name: string;
  readonly make: (seed: number) => Promise<Scenario>;
}

/** A finished run of `command`, long ago. */
const did =
  (command: Command) =>
  async ({ world }: Sample): Promise<void> => {
    await command(world.run().machine);
    world.restart();
  };

const booted = async ({ world, truth }: Sample): Promise<void> => {
  const problems = await comesUp(truth, world, new Set());
  if (problems.length > 0) throw new Error(problems.join());
  world.restart();
};

const flipped =
  (path: string) =>
  ({ world }: Sample): void =>
    world.tree.corrupt(path, 5_000);

const options = (
  seed: number,
  layout: Layout,
  installed: readonly string[],
  offered: readonly string[],
  more: Partial<SampleOptions> = {},
): SampleOptions => ({ seed, layout, installed, offered, ...more });

const two = [{ next: "2", kept: ["1", "2"] }];
const three = [{ next: "3", kept: ["2", "3"] }];

function updates(): readonly Listed[] {
  const one = (layout: Layout, name: string): Listed => ({
    name: `v1 to v2, ${name}`,
    make: (seed) =>
      promised({
        name: `v1 to v2, ${name}`,
        sample: sampleMachine(options(seed, layout, ["1"], ["1", "2"])),
        work: update,
        outcomes: two,
        always: ["1"],
      }),
  });
  const next = (layout: Layout, name: string): Listed => ({
    name: `v2 to v3, v1 goes, ${name}`,
    make: (seed) =>
      promised({
        name: `v2 to v3, v1 goes, ${name}`,
        sample: sampleMachine(options(seed, layout, ["1"], ["1", "2", "3"])),
        before: layout === "trees" ? [did(updateTo("2"))] : [did(updateTo("2")), booted],
        work: update,
        outcomes: three,
        always: ["2"],
      }),
  });
  return [
    {
      name: "first install",
      make: (seed) =>
        promised({
          name: "first install",
          sample: sampleMachine(options(seed, "files", [], ["1"])),
          work: update,
          outcomes: [{ next: "1", kept: ["1"] }],
          always: [],
        }),
    },
    one("files", "images on ext4"),
    next("files", "images on ext4"),
    one("slots", "two slots"),
    next("slots", "two slots"),
    one("trees", "trees with a link"),
    next("trees", "trees with a link"),
    {
      name: "untested v2 replaced by v3",
      make: (seed) =>
        promised({
          name: "untested v2 replaced by v3",
          sample: sampleMachine(options(seed, "files", ["1"], ["1", "2", "3"])),
          before: [did(updateTo("2"))],
          work: update,
          // After the cut v2 may have come up and been found good.
          outcomes: [{ next: "3", kept: ["1", "3"] }, ...three],
          always: [],
        }),
    },
    {
      name: "v2 published again with other bytes",
      make: (seed) => {
        const sample = sampleMachine(options(seed, "files", ["1"], ["1", "2"]));
        const later = sampleMachine(options(seed, "files", ["1"], ["1", "2"], { republished: ["2"] }));
        return promised({
          name: "v2 published again with other bytes",
          sample: { world: sample.world, truth: later.truth },
          before: [did(updateTo("2")), ({ world }) => world.serve(later.world.servers)],
          work: update,
          recover: unless("republished", update),
          outcomes: two,
          always: ["1"],
        });
      },
    },
    {
      name: "leftovers of systemd-sysupdate",
      make: (seed) =>
        promised({
          name: "leftovers of systemd-sysupdate",
          sample: sampleMachine(options(seed, "files", ["1"], ["1", "2"])),
          before: [
            ({ world: { tree } }): void => {
              for (const folder of ["/images", entryPath("").slice(0, -1)]) {
                for (const name of [
                  ".sysupdate.partial.os_2.img",
                  ".sysupdate.pending.os_2.img",
                  ".#sysupdateos_2.img0123456789abcdef",
                ])
                  tree.plant(`${folder}/${name}`, Content.pattern(77, 9_000));
              }
            },
          ],
          work: update,
          outcomes: two,
          always: ["1"],
        }),
    },
  ];
}

/** A refusal that is the right answer in some of the states. */
function unless(code: string, command: Command): Command {
  return async (machine) => {
    try {
      await command(machine);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== code) throw error;
    }
  };
}

function switches(): readonly Listed[] {
  const sample = (seed: number): Sample => sampleMachine(options(seed, "files", ["1"], ["1", "2"]));
  return [
    {
      name: "rollback from v2 to v1",
      make: (seed) =>
        promised({
          name: "rollback from v2 to v1",
          sample: sample(seed),
          before: [did(update), booted],
          work: rollbackTo("1"),
          recover: rollbackTo("1"),
          outcomes: [{ next: "1", kept: ["1", "2"] }],
          always: ["1"],
        }),
    },
    {
      name: "forward again from v1 to v2",
      make: (seed) =>
        promised({
          name: "forward again from v1 to v2",
          sample: sample(seed),
          before: [did(update), booted, did(rollbackTo("1")), booted],
          work: updateTo("2"),
          recover: updateTo("2"),
          outcomes: two,
          always: ["1"],
        }),
    },
    {
      name: "vacuum of v1",
      make: (seed) =>
        promised({
          name: "vacuum of v1",
          sample: sampleMachine(options(seed, "files", ["1", "2", "3"], ["1", "2", "3"])),
          work: vacuum,
          recover: vacuum,
          outcomes: three,
          always: ["2", "3"],
        }),
    },
    {
      name: "a feature switched on, then v3",
      make: (seed) =>
        promised({
          name: "a feature switched on, then v3",
          sample: sampleMachine(options(seed, "files", ["1"], ["1", "2", "3"], { tools: "off", toolsIn: ["3"] })),
          before: [did(updateTo("2")), booted, ({ world }) => switchTools(world, true)],
          work: update,
          outcomes: three,
          always: ["2"],
        }),
    },
    {
      name: "a feature switched off, then v3",
      make: (seed) =>
        promised({
          name: "a feature switched off, then v3",
          sample: sampleMachine(options(seed, "files", ["1"], ["1", "2", "3"], { tools: "on", toolsIn: ["1", "2"] })),
          before: [did(updateTo("2")), booted, ({ world }) => switchTools(world, false)],
          work: update,
          outcomes: three,
          always: ["2"],
        }),
    },
    {
      name: "a feature switched off, then vacuum",
      make: (seed) =>
        promised({
          name: "a feature switched off, then vacuum",
          sample: sampleMachine(options(seed, "files", ["1"], ["1", "2"], { tools: "on" })),
          before: [
            (made): void => plantTools(made, "1"),
            did(update),
            booted,
            ({ world }) => switchTools(world, false),
          ],
          work: vacuum,
          recover: vacuum,
          outcomes: two,
          always: ["1", "2"],
        }),
    },
  ];
}

function repairs(): readonly Listed[] {
  const one = (seed: number, offered: readonly string[]): Sample =>
    sampleMachine(options(seed, "files", ["1"], offered));
  const orphan = ({ world: { tree }, truth }: Sample): void => {
    const entry = truth.builds.find(({ version }) => version === "2")?.entry;
    if (entry !== undefined) tree.plant(entryPath("os_2+3-0.efi"), entry);
  };
  return [
    {
      name: "repair of a damaged image",
      make: (seed) =>
        promised({
          name: "repair of a damaged image",
          sample: one(seed, ["1"]),
          before: [flipped(imagePath("1"))],
          work: repair,
          recover: repair,
          outcomes: [{ next: "1", kept: ["1"] }],
          always: [],
          broken: ["1"],
          limping: ["1"],
        }),
    },
    {
      name: "repair of an entry without its image (KDE Linux, March 2026)",
      make: (seed) =>
        promised({
          name: "repair of an entry without its image (KDE Linux, March 2026)",
          sample: one(seed, ["1", "2"]),
          before: [orphan],
          work: repair,
          recover: repair,
          // Its tries may have been used up while the image was missing.
          outcomes: [{ kept: ["1", "2"] }],
          always: ["1"],
          broken: ["2"],
        }),
    },
    {
      name: "update over an entry without its image (KDE Linux, March 2026)",
      make: (seed) =>
        promised({
          name: "update over an entry without its image (KDE Linux, March 2026)",
          sample: one(seed, ["1", "2"]),
          before: [orphan],
          work: update,
          outcomes: two,
          always: ["1"],
          broken: ["2"],
        }),
    },
    {
      name: "update when the entry of the running version is gone",
      make: (seed) =>
        promised({
          name: "update when the entry of the running version is gone",
          sample: one(seed, ["1"]),
          before: [({ world }) => world.tree.uproot(entryPath("os_1.efi"))],
          work: update,
          outcomes: [{ next: "1", kept: ["1"] }],
          always: [],
          broken: ["1"],
        }),
    },
    {
      name: "repair when every entry is marked bad",
      make: (seed) =>
        promised({
          name: "repair when every entry is marked bad",
          sample: sampleMachine(options(seed, "files", ["1", "2"], ["1", "2"])),
          before: [
            ({ world: { tree } }): void => {
              for (const version of ["1", "2"])
                tree.shift(entryPath(`os_${version}.efi`), entryPath(`os_${version}+0-3.efi`));
            },
          ],
          work: repair,
          recover: repair,
          outcomes: [{ kept: ["1", "2"] }],
          always: ["1"],
        }),
    },
    {
      name: "update when every entry is marked bad",
      make: (seed) =>
        promised({
          name: "update when every entry is marked bad",
          sample: one(seed, ["1", "2"]),
          before: [({ world: { tree } }) => tree.shift(entryPath("os_1.efi"), entryPath("os_1+0-3.efi"))],
          work: update,
          outcomes: two,
          always: ["1"],
        }),
    },
    {
      name: "damaged way back, mended in the middle of an update",
      make: (seed) =>
        promised({
          name: "damaged way back, mended in the middle of an update",
          sample: one(seed, ["1", "2"]),
          before: [flipped(imagePath("1"))],
          work: update,
          outcomes: two,
          always: [],
          broken: ["1"],
          limping: ["1"],
        }),
    },
  ];
}

export const catalogue: readonly Listed[] = [...updates(), ...switches(), ...repairs()];
