// What the power cuts on the host and those in a guest have in common: what is wanted, and what there is to install.
import type { SigningKey } from "../../../tools/lab/signing.ts";
import type { Releases } from "../kills/operations.ts";
import type { Row } from "./tally.ts";
import type { Updater } from "./updaters.ts";

export interface PowerCutOptions {
  readonly seed: number;
  /** For each operation of Holdfast on each file system of the host; 0: none. */
  readonly hostStates: number;
  /** For each operation of Holdfast in the guest; 0: none. */
  readonly guestStates: number;
  /** For each of the other updaters, and of a script, on the host and in the guest. */
  readonly otherStates: number;
  readonly others: readonly Updater[];
  /** Disks, each with another class of ESP, that are updated in a guest, for each of its operations. */
  readonly guestUpdates: number;
  readonly hostOperations?: readonly string[];
  readonly say?: (line: string) => void;
}

export interface Scene {
  /** For temporary files. */
  readonly folder: string;
  readonly releases: Releases;
  readonly key: SigningKey;
}

/** A row as a line of progress. */
export function rowLine({ updater, fileSystem, operation, states, trees, nextRuns, wrong }: Row): string {
  const counts = Object.entries(wrong).filter(([, count]) => count > 0);
  const what = counts.length === 0 ? "nothing wrong" : counts.map(([kind, count]) => `${kind} ${count}`).join(", ");
  return `${updater}, ${fileSystem}, ${operation}: ${states} states, ${trees} distinct, ${nextRuns} next runs, ${what}`;
}
