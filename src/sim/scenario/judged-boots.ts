// Boots that are judged (P8): assessed, marked good by systemd-bless-boot, confirmed; found bad; cut short; tried once; and
// what the initrd leaves to the version that comes up instead.
import type { RunResult } from "../../port/process.ts";
import { neverCondemned, namesGood, remembered } from "../check/p8-remembered.ts";
import type { SimWorld } from "../machine.ts";
import { blessed } from "./boot-actors.ts";
import {
  assess,
  confirm,
  confirmBlessed,
  giveTryBack,
  inThisBoot,
  judge,
  lift,
  reject,
  switchedOn,
  tryOnce,
} from "./boot-commands.ts";
import { update } from "./commands.ts";
import { booted, did, inTurn, type Listed, listed, sampleOf, two, unless } from "./listed.ts";
import { loaderUpdates } from "./loader-updates.ts";
import type { Step } from "./promised.ts";
import { imagePath } from "./sample-machine.ts";

const both = { kept: ["1", "2"] } as const;
/** A check of the ESP recovers pieces of a rename that was not ours; they stay (P11). */
const remains = ["/efi/FSCK0000.REC"];

const checkPath = "/etc/greenboot/check/required.d/10-site.sh";
const bad: RunResult = { exitCode: 1, stdout: "no route\n", stderr: "" };

/** A required check of the site that nothing passes. */
const strict: Step = ({ world }) => {
  world.tree.plant(checkPath, "#!/bin/sh\n");
  setPrograms(world);
};

function setPrograms(world: SimWorld): void {
  Object.assign(world.options, { programs: { ...world.options.programs, bash: () => bad, [checkPath]: () => bad } });
}

const gone =
  (path: string): Step =>
  ({ world }) =>
    world.tree.uproot(path);

export const judgedBoots: readonly Listed[] = [
  listed("the first boot of v2 is judged, marked and confirmed", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), switchedOn()],
    work: inTurn(assess, blessed, confirmBlessed),
    recover: inTurn(assess, blessed, confirm, unless(["on-trial"], update)),
    // The update reads the entry under its new name, and records it.
    settles: false,
    outcomes: two,
    always: ["1"],
    remains,
    also: neverCondemned("2"),
    // A power cut in the renaming can cost v2 its entry on FAT; v1 came up then.
    alsoDone: namesGood("os_2.efi", "os_1.efi"),
    alsoLasting: namesGood("os_2.efi", "os_1.efi"),
  })),
  listed("a boot of the blessed v2 is judged and confirmed", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), booted, switchedOn()],
    work: inTurn(assess, confirmBlessed),
    recover: inTurn(assess, confirmBlessed),
    outcomes: two,
    always: ["1", "2"],
    also: neverCondemned("2"),
    alsoDone: namesGood("os_2.efi"),
    alsoLasting: namesGood("os_2.efi", "os_1.efi"),
  })),
  listed("the last boot of v2 is found bad", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), strict, switchedOn(), switchedOn(), switchedOn()],
    work: inTurn(judge, reject),
    recover: inTurn(judge, confirm),
    outcomes: [{ next: "1", ...both }],
    always: ["1"],
    boots: "unblessed",
    // What is run later is another command, and has its own to write.
    settles: false,
  })),
  listed("v1 wakes after every boot of v2 was found bad", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), strict, ...[0, 1, 2].flatMap(() => [switchedOn(), inThisBoot(judge)]), switchedOn()],
    work: inTurn(judge, confirm),
    recover: inTurn(judge, confirm),
    outcomes: [{ next: "1", ...both }],
    always: ["1", "2"],
    alsoDone: remembered("2"),
    alsoLasting: remembered("2"),
  })),
  listed("v1 wakes after the blessed v2 lost its image (KDE Linux, March 2026)", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), booted, gone(imagePath("2")), switchedOn()],
    work: inTurn(assess, confirm),
    recover: inTurn(assess, confirm),
    outcomes: [{ next: "1", kept: ["1"], unfinished: true }],
    always: ["1"],
    broken: ["2"],
    alsoDone: remembered("2"),
    alsoLasting: remembered("2"),
  })),
  listed("v2 is shut down before it was judged", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), switchedOn()],
    work: giveTryBack,
    recover: unless(["on-trial"], update),
    settles: false,
    outcomes: two,
    always: ["1"],
    also: neverCondemned("2"),
  })),
  listed("v2 is shut down before it was judged, and never comes up again", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), switchedOn()],
    work: giveTryBack,
    recover: unless(["on-trial"], update),
    settles: false,
    outcomes: [...two, { next: "1", ...both }],
    always: ["1"],
    habits: { rejected: new Set(["2"]) },
  })),
  listed("v1 is tried once", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), booted, switchedOn()],
    work: tryOnce("1"),
    recover: confirm,
    outcomes: [
      { next: "1", ...both },
      { next: "2", ...both },
    ],
    always: ["1", "2"],
    also: neverCondemned("2"),
  })),
  listed("a v2 in quarantine is lifted, and offered again", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [
      did(update),
      strict,
      ...[0, 1, 2].flatMap(() => [switchedOn(), inThisBoot(judge)]),
      switchedOn(),
      inThisBoot(inTurn(judge, confirm)),
    ],
    work: inTurn(lift("2"), update),
    recover: update,
    outcomes: [...two, { next: "1", ...both }],
    always: ["1"],
  })),
  ...loaderUpdates,
];
