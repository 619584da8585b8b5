// States in which systemd-sysupdate's `vacuum` breaks entries (peers.md): for the end-to-end tests and for the campaign.
import { chmod, copyFile, open, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { imagePath, type LabMachine } from "../../tools/lab/machine-tree.ts";
import { fileOf, type LabRelease } from "../../tools/lab/release.ts";

/** Gives an entry a counter. */
const counted =
  (version: number, counter: string) =>
  async (machine: LabMachine): Promise<void> =>
    rename(join(machine.entries, `os_${version}.efi`), join(machine.entries, `os_${version}${counter}.efi`));

const withoutImage =
  (version: number) =>
  async (machine: LabMachine, of: Releases): Promise<void> =>
    rm(imagePath(machine, of(version)));

const withoutEntry =
  (version: number) =>
  async (machine: LabMachine): Promise<void> =>
    rm(join(machine.entries, `os_${version}.efi`));

const emptied =
  (version: number) =>
  async (machine: LabMachine, of: Releases): Promise<void> =>
    truncate(imagePath(machine, of(version)), 0);

const flipped =
  (version: number) =>
  async (machine: LabMachine, of: Releases): Promise<void> => {
    const path = imagePath(machine, of(version));
    await chmod(path, 0o644);
    await using file = await open(path, "r+");
    await file.write(Buffer.from("not what was published"), 0, 10, 5000);
  };

const twin =
  (version: number) =>
  async (machine: LabMachine, of: Releases): Promise<void> =>
    copyFile(fileOf(of(version), "entry").path, join(machine.entries, `os_${version}+3-0.efi`));

const littered = async (machine: LabMachine): Promise<void> => {
  await writeFile(join(machine.system, ".sysupdate.partial.os_9.erofs"), "half");
  await writeFile(join(machine.entries, ".sysupdate.pending.os_9.efi"), "whole");
};

/** The release of a version, which `makeMachine` installed. */
export type Releases = (version: number) => LabRelease;

export interface MixedState {
  readonly what: string;
  readonly installed: readonly number[];
  readonly running?: string;
  readonly changes?: readonly ((machine: LabMachine, of: Releases) => Promise<void>)[];
  /** What the judge finds bootable after a `vacuum` of Holdfast. */
  readonly left: readonly string[];
}

export const mixedStates: readonly MixedState[] = [
  { what: "one version", installed: [1], left: ["1"] },
  { what: "as many as may stay", installed: [1, 2], left: ["1", "2"] },
  { what: "five, all sound", installed: [1, 2, 3, 4, 5], left: ["4", "5"] },
  { what: "five, and the oldest runs", installed: [1, 2, 3, 4, 5], running: "1", left: ["1", "4", "5"] },
  { what: "four, and one in the middle runs", installed: [1, 2, 3, 4], running: "2", left: ["2", "3", "4"] },
  {
    what: "the newest without its image",
    installed: [1, 2, 3],
    running: "2",
    changes: [withoutImage(3)],
    left: ["1", "2"],
  },
  {
    what: "the two newest without their images",
    installed: [1, 2, 3],
    running: "1",
    changes: [withoutImage(3), withoutImage(2)],
    left: ["1"],
  },
  {
    what: "the two newest without their images, and nobody knows what runs",
    installed: [1, 2, 3],
    running: "elsewhere",
    changes: [withoutImage(3), withoutImage(2)],
    left: ["1"],
  },
  {
    what: "the two newest emptied, and nobody knows what runs",
    installed: [1, 2, 3],
    running: "elsewhere",
    changes: [emptied(3), emptied(2)],
    left: ["1"],
  },
  {
    what: "the two newest with wrong bytes, and nobody knows what runs",
    installed: [1, 2, 3],
    running: "elsewhere",
    changes: [flipped(3), flipped(2)],
    left: ["1"],
  },
  { what: "the newest on trial", installed: [1, 2, 3], running: "2", changes: [counted(3, "+3-0")], left: ["2", "3"] },
  {
    what: "the newest marked bad",
    installed: [1, 2, 3],
    running: "2",
    changes: [counted(3, "+0-3")],
    left: ["1", "2"],
  },
  {
    what: "all marked bad",
    installed: [1, 2, 3],
    running: "elsewhere",
    changes: [counted(1, "+0-3"), counted(2, "+0-3"), counted(3, "+0-3")],
    left: ["2", "3"],
  },
  {
    what: "an image without an entry",
    installed: [1, 2, 3],
    running: "2",
    changes: [withoutEntry(3)],
    left: ["1", "2"],
  },
  { what: "two names of one entry", installed: [1, 2, 3], running: "2", changes: [twin(3)], left: ["2", "3"] },
  { what: "what systemd-sysupdate leaves", installed: [1, 2, 3], running: "3", changes: [littered], left: ["2", "3"] },
];
