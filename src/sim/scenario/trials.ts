// Versions on trial: one that never comes up, boots that nobody judged, an initrd that hangs, pins, and who runs unknown.
import { blessed, counted } from "./boot-actors.ts";
import { pin, rollbackTo, update, updateTo } from "./commands.ts";
import { booted, did, flipped, inTurn, type Listed, listed, sampleOf, three, two, unless } from "./listed.ts";
import { bothNames, cutOff, neitherName } from "./cut-off.ts";
import type { Promised, Step } from "./promised.ts";
import { imagePath } from "./sample-machine.ts";
import { comesUp } from "../check/p6-comes-up.ts";

/** Switched on with a v2 whose kernel panics. */
const failed: Step = async ({ world, truth }) => {
  const problems = await comesUp(truth, world, new Set(), { rejected: new Set(["2"]) });
  if (problems.length > 0) throw new Error(problems.join());
  world.restart();
};

const never: Pick<Promised, "habits"> = { habits: { rejected: new Set(["2"]) } };

const atFlush = ({ name }: { readonly name: string }): boolean => name === "syncFolder";
const counts: Step = async ({ world }) => counted(world.run().machine);

/** What a check of the ESP recovers of a rename that was not ours: nobody knows whose it is, and it stays (P11). */
const remains = ["/efi/FSCK0000.REC"];

/** Power cuts inside the loader and inside bless-boot, and then an update. */
const counting: readonly Listed[] = [
  listed("power cut while v2 is blessed", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), counts],
    work: inTurn(blessed, update),
    recover: update,
    outcomes: two,
    always: ["1"],
    remains,
  })),
  listed("power cut while v2 is blessed, and in the update to v3", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
    before: [did(updateTo("2")), counts],
    work: inTurn(blessed, update),
    recover: update,
    // Where the cut cost v2 its entry, v1 came up and is the way back. Where nothing booted in between, v1 still runs.
    outcomes: [...three, { next: "3", kept: ["1", "3"] }, { next: "3", kept: ["1", "2", "3"] }],
    always: [],
    remains,
  })),
  ...[
    ["neither name", neitherName] as const,
    // The loader cannot count then: only a version that comes up gets out of it (docs/limits.md).
    ["both names", bothNames] as const,
  ].map(([what, survivor]) =>
    listed(`power cut while the loader counted v2, which left ${what}`, (seed) => ({
      sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
      before: [did(update), cutOff(counted, atFlush, survivor)],
      work: update,
      outcomes: two,
      always: ["1"],
      remains,
    })),
  ),
];

export const trials: readonly Listed[] = [
  ...counting,
  listed("v1 to v2, which never comes up", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    work: update,
    // Before the first boot v2 is next; once its tries are used up, v1 is.
    outcomes: [...two, { next: "1", kept: ["1", "2"] }],
    always: ["1"],
    ...never,
  })),
  listed("update after v2 has used up its tries", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), failed],
    work: update,
    outcomes: [...two, { next: "1", kept: ["1", "2"] }],
    always: ["1"],
    ...never,
  })),
  listed("v3 over a v2 that has used up its tries", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
    before: [did(updateTo("2")), failed],
    work: update,
    outcomes: [{ next: "3", kept: ["1", "3"] }],
    always: ["1"],
    ...never,
  })),
  listed("v3 over a v2 that has used up its tries, two slots", (seed) => ({
    sample: sampleOf(seed, "slots", ["1"], ["1", "2", "3"]),
    before: [did(updateTo("2")), failed],
    work: update,
    outcomes: [{ next: "3", kept: ["1", "3"] }],
    always: ["1"],
    ...never,
  })),
  listed("v1 to v2, where no boot is ever judged", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    work: update,
    recover: unless(["on-trial"], update),
    // A check of the ESP may cost the version on trial its entry; v1 comes up then, and takes the update again.
    outcomes: [
      ...two,
      { next: "1", kept: ["1", "2"] },
      { next: "1", kept: ["1"], unfinished: true },
      { next: "2", kept: ["1", "2"], unfinished: true },
    ],
    always: ["1"],
    boots: "unblessed",
  })),
  listed("v2 to v3, where no boot is ever judged", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
    before: [did(updateTo("2")), booted],
    work: update,
    recover: unless(["on-trial"], update),
    // While v3 is on trial nothing is cleared, nor is what a power cut left of v1 in the middle of its removal.
    outcomes: [
      ...three,
      { kept: ["1", "2", "3"] },
      { kept: ["2", "3"], unfinished: true },
      { next: "2", kept: ["2"], unfinished: true },
    ],
    always: ["2"],
    boots: "unblessed",
  })),
  listed("v1 to v2 with a loader that reports ids without counters", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    work: update,
    outcomes: two,
    always: ["1"],
    habits: { loaderVersion: 262 },
  })),
  listed("v2 to v3 when no version says that it runs", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2"], ["1", "2", "3"], { running: "unknown" }),
    work: update,
    outcomes: three,
    always: ["2"],
  })),
  listed("v3 with v1 pinned", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
    before: [did(pin("1")), did(updateTo("2")), booted],
    work: update,
    outcomes: [{ next: "3", kept: ["1", "2", "3"] }],
    always: ["1", "2"],
  })),
  listed("update to the older v1, which is pinned", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(pin("1")), did(update), booted],
    work: updateTo("1"),
    recover: updateTo("1"),
    outcomes: [{ next: "1", kept: ["1", "2"] }],
    always: ["1", "2"],
    // Without room for a copy the entry of v2 is renamed, and FAT may lose both names when power goes as well.
    afterFault: [{ next: "1", kept: ["1"], unfinished: true }],
    alwaysAfterFault: ["1"],
  })),
  listed("update to the older v1, which is no longer installed", (seed) => ({
    sample: sampleOf(seed, "files", ["2"], ["1", "2"]),
    work: updateTo("1"),
    recover: updateTo("1"),
    outcomes: [{ next: "1", kept: ["1", "2"] }],
    always: ["2"],
  })),
  listed("rollback to a v1 that is damaged", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), booted, flipped(imagePath("1"))],
    work: unless(["not-intact"], rollbackTo("1")),
    recover: unless(["not-intact"], rollbackTo("1")),
    outcomes: [{ next: "2", kept: ["2"], unfinished: true }],
    always: ["2"],
    broken: ["1"],
  })),
];
