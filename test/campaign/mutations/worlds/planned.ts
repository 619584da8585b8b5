// Worlds in which one decision of the planner shows: what must stay, what goes first, what is brought in again.
import { Content } from "../../../../src/sim/disk/content.ts";
import type { SimWorld } from "../../../../src/sim/machine.ts";
import { pin, rollbackTo, update, updateTo, vacuum } from "../../../../src/sim/scenario/commands.ts";
import { booted, did, type Listed, listed, sampleOf, three, two } from "../../../../src/sim/scenario/listed.ts";
import type { Outcome } from "../../../../src/sim/scenario/promised.ts";
import { redefine } from "../../../../src/sim/scenario/sample-definitions.ts";
import {
  buildNamed,
  entryPath,
  imagePath,
  plantParts,
  type Sample,
} from "../../../../src/sim/scenario/sample-machine.ts";
import { disk } from "../../../../src/sim/scenario/sample-parts.ts";
import { meddled, refused, refusing } from "./meddle.ts";
import { asking } from "./watch.ts";

type Change = (sample: Sample) => void;

const emptied =
  (version: string): Change =>
  ({ world }) =>
    world.tree.plant(imagePath(version), Content.empty);
const uprooted =
  (...paths: readonly string[]): Change =>
  ({ world }) => {
    for (const path of paths) world.tree.uproot(path);
  };
const renamed =
  (from: string, to: string): Change =>
  ({ world }) =>
    world.tree.shift(entryPath(from), entryPath(to));
/** Leaves the margin and so many bytes more. */
const roomFor =
  (bytes: number): Change =>
  ({ world: { tree } }) => {
    const volume = tree.volume("/");
    const size = volume.settings.sizeBytes - volume.usedBytes() - 1024 * 1024 - bytes;
    tree.plant("/filler", Content.pattern(55, size));
  };
const threeStay: Change = ({ world }) => {
  for (const name of ["10-root", "20-uki"])
    redefine(world, name, (text) => text.replace("InstancesMax=2", "InstancesMax=3"));
};
const all: Outcome = { next: "3", kept: ["1", "2", "3"] };

const wayBacks: readonly Listed[] = [
  listed("v3 over a newer version with an empty image, which nobody offers", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2"], ["1", "3"], { running: "1" }),
    before: [emptied("2")],
    work: update,
    boots: "no",
    outcomes: [{ next: "3", kept: ["1", "3"] }],
    always: ["1"],
    broken: ["2"],
    limping: ["2"],
  })),
  listed("v3 over a newer version without its image, where every entry is counted", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2"], ["1", "3"], { running: "1" }),
    before: [uprooted(imagePath("2")), renamed("os_1.efi", "os_1+3-0.efi"), renamed("os_2.efi", "os_2+3-0.efi")],
    work: update,
    boots: "no",
    outcomes: [{ next: "3", kept: ["1", "3"] }],
    always: ["1"],
    broken: ["2"],
  })),
  asking(
    listed("v3 while a damaged version runs that nobody offers", (seed) => ({
      sample: sampleOf(seed, "files", ["1", "2"], ["1", "3"]),
      before: [emptied("2")],
      ...refused(update, "way-back-unproven"),
      boots: "no",
      outcomes: [{ kept: ["1"], unfinished: true }],
      always: ["1"],
      broken: ["2"],
      limping: ["2"],
      settles: false,
    })),
    { spared: /^P5/ },
  ),
  listed("v3 while a version runs whose entry came with a repair", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2"], ["1", "2", "3"]),
    before: [renamed("os_2.efi", "os_2+3-0.efi")],
    work: update,
    boots: "no",
    outcomes: [all],
    always: ["1", "2"],
  })),
  listed("v3 while a version runs whose entry came with a repair, two slots", (seed) => ({
    sample: sampleOf(seed, "slots", ["1", "2"], ["1", "2", "3"], { running: "1" }),
    before: [renamed("os_1.efi", "os_1+3-0.efi")],
    ...refused(update, "no-free-slot"),
    boots: "no",
    outcomes: two,
    always: ["1", "2"],
  })),
  listed("v3 past a v2 that has used up its tries, when no version says that it runs", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2"], ["1", "2", "3"], { running: "unknown" }),
    before: [renamed("os_2.efi", "os_2+0-3.efi")],
    work: update,
    outcomes: [{ next: "3", kept: ["1", "3"] }],
    always: ["1"],
  })),
  asking(
    listed("untested v2 replaced by v3, where three may stay", (seed) => ({
      sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
      before: [threeStay, did(updateTo("2"))],
      work: update,
      boots: "no",
      outcomes: [{ next: "3", kept: ["1", "3"] }],
      always: ["1"],
      // Where the cut costs v2 its entry, what is left of it is one of the three.
      remains: [imagePath("2"), "/var/lib/holdfast/versions/2.json"],
    })),
    {
      // A check of the ESP may leave the name with nothing in it, which the loader passes over.
      spared: /left over: .*os_2\+3-0\.efi$/,
      done: async ({ tree }) => {
        const found = tree.peek(entryPath("os_2+3-0.efi"));
        const boots = found !== undefined && found !== "unreadable" && found.sizeBytes > 0;
        return boots ? ["P3: version 3 falls back to one that was never booted"] : [];
      },
    },
  ),
];

const content: readonly Listed[] = [
  asking(
    listed("v2 published again, and its new bytes are wanted", (seed) => {
      const sample = sampleOf(seed, "files", ["1"], ["1", "2"]);
      const later = sampleOf(seed, "files", ["1"], ["1", "2"], { republished: ["2"] });
      return {
        sample: { world: sample.world, truth: later.truth },
        before: [did(updateTo("2")), ({ world }): void => world.serve(later.world.servers)],
        work: update,
        boots: "no",
        outcomes: two,
        always: ["1"],
      };
    }),
    { done: newBytes },
  ),
  listed("update when the image of v2 is gone again", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), uprooted(imagePath("2"))],
    work: update,
    outcomes: two,
    always: ["1"],
    broken: ["2"],
  })),
  listed("other bytes in the slot of v2, and an empty one before it", (seed) => ({
    sample: sampleOf(seed, "slots", ["1"], ["1", "2"], { slots: 3 }),
    before: [misplaced],
    work: update,
    outcomes: two,
    always: ["1"],
  })),
  listed("what an update to another version left when it was interrupted", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [
      ({ world }): void => {
        world.tree.plant("/images/.holdfast-0123456789abcdef", Content.pattern(44, 9_000));
        world.tree.plant(entryPath(".holdfast-fedcba9876543210"), Content.pattern(45, 4_000));
      },
    ],
    work: update,
    outcomes: two,
    always: ["1"],
  })),
];

async function newBytes({ tree }: SimWorld): Promise<readonly string[]> {
  const { truth } = sampleOf(1, "files", [], ["2"], { republished: ["2"] });
  const part = truth.builds.at(-1)?.parts[0];
  const found = tree.peek(imagePath("2"), "medium");
  const isNew = part?.kind === "file" && found !== undefined && found !== "unreadable" && found.equals(part.content);
  return isNew ? [] : ["the image is not what is on offer"];
}

/** Version 2 has the third slot, with other bytes; the second one is empty. */
function misplaced(sample: Sample): void {
  const { devices } = sample.world;
  plantParts(sample.world, buildNamed(sample, "2"));
  devices.beginTable(disk, [
    { number: 2, label: "_empty" },
    { number: 3, label: "os_2" },
  ]);
  devices.finishTable(disk);
  devices.plant(disk, 3, Content.pattern(91, 20_000));
}

const orders: readonly Listed[] = [
  listed("v3 cannot be brought in, and nothing goes", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
    before: [did(updateTo("2")), booted, wrong3],
    ...refused(update, "digest-mismatch"),
    outcomes: two,
    always: ["1", "2"],
    remains: ["/var/lib/holdfast/esp-open.json"],
    settles: false,
  })),
  listed("v3 cannot be brought in, and an untested v2 stays", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
    before: [did(updateTo("2")), wrong3],
    ...refused(update, "digest-mismatch"),
    boots: "no",
    outcomes: two,
    always: ["1", "2"],
    remains: ["/var/lib/holdfast/esp-open.json"],
    settles: false,
  })),
  asking(
    listed("v3 cannot be read back, and nothing goes", (seed) => ({
      sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
      before: [did(updateTo("2")), booted],
      work: refusing(
        meddled(update, {
          after: "rename",
          path: /^\/images\/os_3\.img$/,
          deed: (tree) => tree.corrupt(imagePath("3"), 5_000),
        }),
        "read-back-differs",
      ),
      outcomes: [...two, ...three],
      always: ["2"],
      settles: false,
      remains: [imagePath("3"), "/var/lib/holdfast/versions/3.json", "/var/lib/holdfast/esp-open.json"],
    })),
    { spared: /^P9|left over: .*\.holdfast-/, always: oneOfTwo },
  ),
  listed("going back to a version that has used up its tries", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), booted, renamed("os_1.efi", "os_1+0-3.efi")],
    work: rollbackTo("1"),
    recover: rollbackTo("1"),
    outcomes: [{ next: "1", kept: ["1", "2"] }],
    always: ["1"],
  })),
];

/** The server has other bytes than the list of checksums says. */
function wrong3({ world }: Sample): void {
  world.servers[0]?.plan({ path: "/os/os_3.img", fault: { kind: "flip", at: 5_000 }, times: 1_000_000 });
}

/** P3: version 1 goes after success, so at each moment it or version 3 has its entry. */
async function oneOfTwo({ tree }: SimWorld): Promise<readonly string[]> {
  const names = tree.namesIn("/efi/EFI/Linux");
  const image = tree.peek(imagePath("1"));
  return image !== undefined || names.some((name) => name.startsWith("os_3"))
    ? []
    : ["P3: version 1 went before version 3 was there"];
}

const rooms: readonly Listed[] = [
  listed("v3 without room, and only a newer version than the way back to give up", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2"], ["1", "2", "3"], { running: "1" }),
    before: [renamed("os_2.efi", "os_2+0-3.efi"), roomFor(19_000)],
    ...refused(update, "no-space"),
    boots: "no",
    outcomes: [{ next: "1", kept: ["1", "2"] }],
    always: ["1", "2"],
  })),
  listed("v3 with v1 pinned, and room only in its place", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2"], ["1", "2", "3"]),
    before: [did(pin("1")), roomFor(19_000)],
    ...refused(update, "no-space"),
    outcomes: two,
    always: ["1", "2"],
    remains: ["/var/lib/holdfast/pins/1.json"],
  })),
  asking(
    listed("v2 without room", (seed) => ({
      sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
      before: [roomFor(12_000)],
      ...refused(update, "no-space"),
      outcomes: [{ next: "1", kept: ["1"] }],
      always: ["1"],
    })),
    { always: nothingBegun },
  ),
  listed("vacuum of a component, two stay", (seed) => ({
    sample: sampleOf(seed, "images", ["1", "2", "3"], ["1", "2", "3"]),
    work: vacuum,
    recover: vacuum,
    outcomes: three,
    always: ["2", "3"],
  })),
];

/** What is refused for want of room is refused before a byte is written. */
async function nothingBegun({ tree }: SimWorld): Promise<readonly string[]> {
  const begun = tree.namesIn("/images").filter((name) => name.startsWith("."));
  return begun.length === 0 ? [] : [`it was begun without room: ${begun.join(", ")}`];
}

const choices: readonly Listed[] = [
  listed("the newest version was gone back from, and is no longer here", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [
      did(update),
      booted,
      did(rollbackTo("1")),
      booted,
      uprooted(imagePath("2"), "/var/lib/holdfast/versions/2.json"),
      ({ world: { tree } }): void => {
        for (const name of tree.namesIn("/efi/EFI/Linux")) if (name.startsWith("os_2")) tree.uproot(entryPath(name));
      },
    ],
    work: update,
    outcomes: [{ next: "1", kept: ["1"] }],
    always: ["1"],
  })),
  listed("nothing on offer is newer than what is installed and not yet booted", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "3"], ["1", "2"], { running: "1" }),
    work: update,
    boots: "no",
    outcomes: [{ next: "3", kept: ["1", "3"] }],
    always: ["1", "3"],
  })),
];

export const planned: readonly Listed[] = [...wayBacks, ...choices, ...content, ...orders, ...rooms];
