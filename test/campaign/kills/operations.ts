// What is interrupted: each operation with the machine it starts from, what must survive it, and how it is taken up again.
import { chmod, open } from "node:fs/promises";
import { imagePath, type LabMachine } from "../../../tools/lab/machine-tree.ts";
import type { LabRelease } from "../../../tools/lab/release.ts";

export type VersionName = "1" | "2" | "3" | "4";
export type Releases = Readonly<Record<VersionName, LabRelease>>;

export interface Operation {
  readonly name: string;
  readonly args: readonly string[];
  /** The command that a person gives next; default: the same again. */
  readonly again?: readonly string[];
  readonly offered: readonly VersionName[];
  readonly installed: readonly VersionName[];
  /** What an earlier operation of this table left, instead of a machine made anew. */
  readonly startsAfter?: string;
  readonly prepare?: (machine: LabMachine, releases: Releases) => Promise<void>;
  /** Versions that boot at every moment (P3). */
  readonly survives: readonly VersionName[];
}

async function damageImage(machine: LabMachine, release: LabRelease): Promise<void> {
  const path = imagePath(machine, release);
  await chmod(path, 0o644);
  await using file = await open(path, "r+");
  await file.write(Buffer.from("not what was published"), 0, 22, 5000);
  await file.chmod(0o444);
}

export const operations: readonly Operation[] = [
  { name: "update 1 to 2", args: ["update"], offered: ["1", "2"], installed: ["1"], survives: ["1"] },
  {
    name: "rollback",
    args: ["rollback", "1"],
    offered: ["1", "2"],
    installed: ["1"],
    startsAfter: "update 1 to 2",
    survives: ["1", "2"],
  },
  {
    name: "forward again",
    args: ["update", "2"],
    offered: ["1", "2"],
    installed: ["1"],
    startsAfter: "rollback",
    survives: ["1", "2"],
  },
  {
    name: "update 2 to 3, 1 goes",
    args: ["update"],
    offered: ["1", "2", "3"],
    installed: ["1", "2"],
    survives: ["2"],
  },
  {
    name: "repair of an image",
    args: ["doctor", "--repair", "--deep"],
    offered: ["1", "2"],
    installed: ["1", "2"],
    prepare: async (machine, releases) => damageImage(machine, releases["2"]),
    survives: ["1"],
  },
  {
    name: "vacuum, 1 and 2 go",
    args: ["vacuum"],
    offered: ["1", "2", "3", "4"],
    installed: ["1", "2", "3", "4"],
    survives: ["3", "4"],
  },
];
