// What is refused, and stays as it is: every refusal that keeps a promise, in a world where going on would break it.
import { holdUpdates } from "../../../../src/agent/command/pins.ts";
import { updateMachine } from "../../../../src/agent/command/update.ts";
import { vacuumMachine } from "../../../../src/agent/command/vacuum.ts";
import { Content } from "../../../../src/sim/disk/content.ts";
import {
  type Command,
  pin,
  repair,
  rollbackTo,
  update,
  updateTo,
  vacuum,
} from "../../../../src/sim/scenario/commands.ts";
import {
  booted,
  did,
  flipped,
  type Listed,
  listed,
  sampleOf,
  two,
  unless,
  inTurn,
} from "../../../../src/sim/scenario/listed.ts";
import { redefine } from "../../../../src/sim/scenario/sample-definitions.ts";
import { entryPath, imagePath, type Sample } from "../../../../src/sim/scenario/sample-machine.ts";
import { refused, refusing } from "./meddle.ts";
import { sessionOn } from "./usual.ts";
import { asking } from "./watch.ts";

const hold: Command = (machine) => holdUpdates(sessionOn(machine), undefined);
const updateWithFinding: Command = async (machine) => {
  const { outcome } = await updateMachine(sessionOn(machine));
  if (outcome === "done") throw new Error("it reported that version 2 boots next");
};
const withoutWayBack: Command = async (machine) => {
  await updateMachine(sessionOn(machine), { withoutWayBack: true });
};

/** The reason is what a person asks for who wonders where the room went. */
const vacuumTelling =
  (version: string, reason: string): Command =>
  async (machine) => {
    const { kept } = await vacuumMachine(sessionOn(machine));
    const told = kept.find((line) => line.version === version)?.because;
    if (told !== reason)
      throw new Error(`version ${version} stays because ${told ?? "of nothing"}, not because ${reason}`);
  };

/** Came up, and nobody has judged it yet. */
const onTrial = ({ world: { tree, variables } }: Sample): void => {
  tree.shift(entryPath("os_2+3-0.efi"), entryPath("os_2+2-1.efi"));
  tree.plant("/etc/os-release", "ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=2\n");
  variables.set("LoaderEntrySelected", "os_2+3-0.efi");
};

const chosen =
  (variable: "LoaderEntryDefault" | "LoaderEntryOneShot", entry: string) =>
  ({ world }: Sample): void =>
    void world.variables.set(variable, entry);

const commands: readonly Listed[] = [
  listed("updates are held", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(hold)],
    ...refused(update, "held"),
    outcomes: [{ next: "1", kept: ["1"] }],
    always: ["1"],
    remains: ["/var/lib/holdfast/hold.json"],
  })),
  listed("the running version is on trial", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
    before: [did(updateTo("2")), onTrial],
    ...refused(update, "on-trial"),
    boots: "no",
    outcomes: two,
    always: ["1", "2"],
  })),
  listed("the newest version was gone back from", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), booted, did(rollbackTo("1")), booted],
    work: update,
    outcomes: [{ next: "1", kept: ["1", "2"] }],
    always: ["1", "2"],
  })),
  listed("another default is chosen, and v2 does not boot next", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [chosen("LoaderEntryDefault", "os_1.efi")],
    work: updateWithFinding,
    outcomes: [{ next: "1", kept: ["1", "2"] }],
    always: ["1"],
  })),
  listed("nothing on offer is newer than what is installed", (seed) => ({
    sample: sampleOf(seed, "files", ["2"], ["1"]),
    work: update,
    outcomes: [{ next: "2", kept: ["2"] }],
    always: ["2"],
  })),
  listed("the running version was published again with other bytes", (seed) => {
    const sample = sampleOf(seed, "files", ["1"], ["1", "2"]);
    const later = sampleOf(seed, "files", ["1"], ["1", "2"], { republished: ["2"] });
    return {
      sample: { world: sample.world, truth: later.truth },
      before: [did(update), booted, ({ world }): void => world.serve(later.world.servers)],
      ...refused(update, "republished"),
      outcomes: two,
      always: ["1", "2"],
    };
  }),
  listed("going back past an entry whose name takes no counter", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2"], ["1", "2"]),
    before: [
      ({ world }): void =>
        redefine(world, "20-uki", (text) =>
          text.replace("os_@v+@l-@d.efi os_@v+@l.efi os_@v.efi", "os_@v.efi").replace("TriesLeft=3\nTriesDone=0\n", ""),
        ),
    ],
    ...refused(rollbackTo("1"), "not-switchable"),
    outcomes: two,
    always: ["1", "2"],
  })),
  asking(
    listed("v3 over a newer version without its image, which is pinned", (seed) => ({
      sample: sampleOf(seed, "files", ["1", "2"], ["1", "3"], { running: "1" }),
      before: [({ world }): void => world.tree.plant(imagePath("2"), Content.empty), did(pin("2"))],
      ...refused(update, "pinned"),
      boots: "no",
      outcomes: [{ kept: ["1"], unfinished: true }],
      always: ["1"],
      broken: ["2"],
      limping: ["2"],
      settles: false,
    })),
    { spared: /^P5/ },
  ),
  listed("going back to a version that nobody vouches for", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2"], []),
    ...refused(rollbackTo("1"), "not-intact"),
    outcomes: two,
    always: ["1", "2"],
  })),
  listed("going back to a damaged version, once it is repaired", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), booted, flipped(imagePath("1"))],
    work: inTurn(refusing(rollbackTo("1"), "not-intact"), repair, rollbackTo("1")),
    recover: inTurn(repair, rollbackTo("1")),
    outcomes: [{ next: "1", kept: ["1", "2"] }],
    always: ["2"],
    broken: ["1"],
  })),
  listed("the way back is a version that nobody vouches for", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2"], ["3"], { running: "1" }),
    work: refusing(update, "way-back-unproven"),
    // After the cut version 2 runs, and is believed as it is.
    recover: unless(["way-back-unproven"], update),
    outcomes: [
      { next: "2", kept: ["1", "2"] },
      { next: "3", kept: ["2", "3"] },
    ],
    always: ["2"],
    settles: false,
    remains: ["/var/lib/holdfast/esp-open.json"],
  })),
  asking(
    listed("on without a way back, past an older version that is intact", (seed) => ({
      sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
      before: [
        did(updateTo("2")),
        booted,
        ({ world }): void => world.serve(sampleOf(seed, "files", ["1"], ["1", "3"]).world.servers),
        flipped(imagePath("2")),
      ],
      work: withoutWayBack,
      recover: withoutWayBack,
      outcomes: [{ kept: ["1"] }],
      always: ["1"],
      broken: ["2"],
      limping: ["2"],
      settles: false,
    })),
    { spared: /os_2|os_3|boots next|left over/ },
  ),
];

const kept: readonly Listed[] = [
  listed("vacuum with a pinned version", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2", "3"], ["1", "2", "3"]),
    before: [did(pin("1"))],
    work: vacuumTelling("1", "it is pinned"),
    recover: vacuum,
    outcomes: [{ next: "3", kept: ["1", "2", "3"] }],
    always: ["1", "2", "3"],
    remains: ["/var/lib/holdfast/pins/1.json"],
  })),
  listed("v2 to v3 with v1 pinned", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
    before: [did(updateTo("2")), booted, did(pin("1"))],
    work: update,
    outcomes: [{ next: "3", kept: ["1", "2", "3"] }],
    always: ["1", "2"],
    remains: ["/var/lib/holdfast/pins/1.json"],
  })),
  listed("v2 to v3 with v1 pinned, two slots", (seed) => ({
    sample: sampleOf(seed, "slots", ["1"], ["1", "2", "3"]),
    before: [did(updateTo("2")), booted, did(pin("1"))],
    ...refused(update, "no-free-slot"),
    outcomes: two,
    always: ["1", "2"],
    remains: ["/var/lib/holdfast/pins/1.json"],
  })),
  listed("vacuum while an old version runs", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2", "3", "4"], ["1", "2", "3", "4"], { running: "1" }),
    work: vacuumTelling("1", "it is running"),
    recover: vacuum,
    boots: "no",
    outcomes: [{ next: "4", kept: ["1", "3", "4"] }],
    always: ["1", "4"],
  })),
  listed("vacuum of a component whose link leads to an old version", (seed) => ({
    sample: sampleOf(seed, "trees", ["1", "2", "3"], ["1", "2", "3"], { running: "1" }),
    work: vacuum,
    recover: vacuum,
    outcomes: [{ next: "1", kept: ["1", "3"] }],
    always: ["1"],
  })),
  listed("vacuum when the version before the newest is damaged", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2", "3"], ["1", "2", "3"]),
    before: [flipped(imagePath("2"))],
    work: vacuum,
    recover: vacuum,
    outcomes: [{ next: "3", kept: ["1", "3"] }],
    always: ["1", "3"],
    broken: ["2"],
  })),
  listed("going back when another default and the next boot were chosen", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), booted, chosen("LoaderEntryDefault", "os_2.efi"), chosen("LoaderEntryOneShot", "os_2.efi")],
    work: rollbackTo("1"),
    recover: rollbackTo("1"),
    outcomes: [{ next: "1", kept: ["1", "2"] }],
    always: ["1"],
  })),
];

export const refusals: readonly Listed[] = [...commands, ...kept];
