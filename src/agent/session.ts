// One call of Holdfast on one machine: its ports, what the caller asked for, and how to stop it.
import type { Machine } from "../port/machine.ts";

export interface Settings {
  /** `sysupdate.COMPONENT.d` instead of `sysupdate.d`. */
  readonly component?: string;
  /** Read definitions from this folder of the machine only. */
  readonly definitionsFolder?: string;
  /** Overrides `Verify=` of all transfers. */
  readonly verify?: boolean;
  /** Overrides `InstancesMax=` of all transfers. */
  readonly instancesMax?: number;
  /** What `PathRelativeTo=explicit` is relative to. */
  readonly transferSource?: string;
  /** Take every resource from this folder instead of from its source's `Path=`. */
  readonly from?: string;
  /** Files of the machine that may have parts of what is to come. */
  readonly seedFiles?: readonly string[];
  /** URL of a store that has the chunks of what a list of checksums names an index of; stands before the definitions'. */
  readonly chunkStore?: string;
  /** Use only what was acquired before. */
  readonly offline?: boolean;
  readonly maxRateBytesPerSecond?: number;
  /** Whose keys may sign, instead of the machine's own keyrings. */
  readonly keyring?: string;
  /** How long to wait for another Holdfast; 0 says at once who runs. */
  readonly lockWaitMs?: number;
  /** `false` on the tree of a machine that is switched off: EFI variables and the running version are not its own. */
  readonly live: boolean;
}

export interface Session {
  readonly machine: Machine;
  readonly settings: Settings;
  readonly signal: AbortSignal;
}
