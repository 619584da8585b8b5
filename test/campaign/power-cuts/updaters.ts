// Who updates while the writes are recorded: Holdfast, systemd-sysupdate where it can be had, and a script that flushes
// once at the end, which shows that the method finds what it looks for.
import { type LabMachine, machineAt } from "../../../tools/lab/machine-tree.ts";
import type { Command } from "../kills/execute.ts";
import { holdfastSubject } from "../peers/peer.ts";

export interface Updater {
  readonly name: "holdfast" | "sysupdate257" | "sysupdate262" | "naive";
  readonly title: string;
  command(machine: LabMachine, args: readonly string[]): Command;
}

export const holdfastUpdater: Updater = holdfastSubject;

/** The entry first, then the image, one flush: what a first script of one's own looks like. */
export const naiveScript = 'cp "$1/os_2.efi" "$2/EFI/Linux/os_2+3-0.efi" && cp "$1/os_2.erofs" "$3/os_2.erofs" && sync';

/** `repository` is the folder that it copies from. */
export function naiveUpdater(repository: string): Updater {
  return {
    name: "naive",
    title: "a script with one sync",
    command: ({ root }) => {
      const { esp, system } = machineAt(root);
      return { argv: ["sh", "-c", naiveScript, "sh", repository, esp, system], env: {} };
    },
  };
}
