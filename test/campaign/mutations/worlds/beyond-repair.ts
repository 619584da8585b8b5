// Versions that nothing can mend, or read: what of them stays all the same, what goes, what stands in for them (P3, P4).
import type { SimWorld } from "../../../../src/sim/machine.ts";
import { pin, repair, update, updateTo } from "../../../../src/sim/scenario/commands.ts";
import { booted, did, flipped, type Listed, listed, sampleOf } from "../../../../src/sim/scenario/listed.ts";
import type { Step } from "../../../../src/sim/scenario/promised.ts";
import { imagePath } from "../../../../src/sim/scenario/sample-machine.ts";
import { imageOf } from "../../../../src/sim/scenario/sample-parts.ts";
import { naming, refused, unreadable } from "./meddle.ts";
import { mend } from "./usual.ts";
import { asking } from "./watch.ts";

/** From now on the repository has these versions only. */
const offers =
  (seed: number, ...versions: readonly string[]): Step =>
  ({ world }) =>
    world.serve(sampleOf(seed, "files", [], versions).world.servers);

/** Another version than the newest is what runs, although nobody went back to it: it was chosen in the boot menu. */
const runs =
  (version: string): Step =>
  ({ world: { tree, variables } }) => {
    tree.plant("/etc/os-release", `ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=${version}\n`);
    variables.set("LoaderEntrySelected", `os_${version}.efi`);
  };

const stays =
  (version: string) =>
  async ({ tree }: SimWorld): Promise<readonly string[]> =>
    tree.namesIn("/efi/EFI/Linux").includes(`os_${version}.efi`) ? [] : [`P3: the entry of version ${version} is gone`];

const attempted = { work: mend, recover: mend } as const;

const repairs: readonly Listed[] = [
  asking(
    listed("repair of the running version, which nothing can mend", (seed) => ({
      sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
      before: [did(update), booted, offers(seed, "1"), flipped(imagePath("2"))],
      ...attempted,
      outcomes: [{ next: "2", kept: ["1"], unfinished: true }],
      always: ["1"],
      broken: ["2"],
      limping: ["2"],
    })),
    { spared: /^P5: \/images\/os_2|^P5: os_2\.efi/, always: stays("2") },
  ),
  asking(
    listed("repair of a pinned version, which nothing can mend", (seed) => ({
      sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
      before: [did(update), booted, did(pin("1")), offers(seed, "2"), flipped(imagePath("1"))],
      ...attempted,
      outcomes: [{ next: "2", kept: ["2"], unfinished: true }],
      always: ["2"],
      broken: ["1"],
      limping: ["1"],
    })),
    { always: stays("1") },
  ),
  asking(
    listed("repair of the only version, which nothing can mend", (seed) => ({
      sample: sampleOf(seed, "files", ["1"], ["1"], { running: "unknown" }),
      before: [did(mend), offers(seed), flipped(imagePath("1"))],
      ...attempted,
      outcomes: [{ next: "1", kept: [], unfinished: true }],
      always: [],
      broken: ["1"],
      limping: ["1"],
      boots: "no",
    })),
    { spared: /^P5: /, always: stays("1") },
  ),
  listed("repair of an old version, which nothing can mend", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), booted, offers(seed, "2"), flipped(imagePath("1"))],
    ...attempted,
    outcomes: [{ next: "2", kept: ["2"] }],
    always: ["2"],
    broken: ["1"],
  })),
];

const repairUnread = unreadable(repair, imagePath("1"), imageOf("1", 0));
const unread: readonly Listed[] = [
  listed("repair of an old version whose image the medium does not give back", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), booted, flipped(imagePath("1"))],
    work: repairUnread,
    recover: repairUnread,
    outcomes: [{ next: "2", kept: ["1", "2"] }],
    always: ["2"],
    broken: ["1"],
  })),
];

const standIns: readonly Listed[] = [
  listed("v3 over a newer version that turns out to be damaged, which nobody offers", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
    before: [did(updateTo("2")), booted, runs("1"), offers(seed, "1", "3"), flipped(imagePath("2"))],
    work: update,
    boots: "no",
    outcomes: [{ next: "3", kept: ["1", "3"] }],
    always: ["1"],
    broken: ["2"],
    limping: ["2"],
  })),
  asking(
    listed("v3 while a version runs that turns out to be damaged, which nobody offers", (seed) => ({
      sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
      before: [did(updateTo("2")), booted, offers(seed, "1", "3"), flipped(imagePath("2"))],
      ...refused(naming(update, /os_2\.img/), "way-back-unproven"),
      boots: "no",
      outcomes: [{ next: "2", kept: ["1"], unfinished: true }],
      always: ["1"],
      broken: ["2"],
      limping: ["2"],
      settles: false,
    })),
    { spared: /^P5: /, always: stays("2") },
  ),
];

export const beyondRepair: readonly Listed[] = [...repairs, ...unread, ...standIns];
