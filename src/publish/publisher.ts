// Who publishes into which folder, and where in it what lies. What clients read is at the top and in `releases`, `deltas`
// and `chunks`; `.holdfast` is the publisher's own.
import type { Machine } from "../port/machine.ts";

export interface Publisher {
  readonly machine: Machine;
  /** The repository, absolute. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** How long to wait for another publisher; 0 where absent. */
  readonly lockWaitMs?: number;
}

export const indexName = "holdfast.json";
export const sumsName = "SHA256SUMS";
export const signatureName = "SHA256SUMS.gpg";
export const manifestFolder = "releases";

export const ownFolder = ({ folder }: Publisher): string => `${folder}/.holdfast`;
export const settingsPath = (publisher: Publisher): string => `${ownFolder(publisher)}/repository.json`;
export const retiredPath = (publisher: Publisher): string => `${ownFolder(publisher)}/retired.json`;
/** Where a file is written before it takes its place. */
export const nextFolder = (publisher: Publisher): string => `${ownFolder(publisher)}/next`;
export const stagingFolder = (publisher: Publisher): string => `${ownFolder(publisher)}/staging`;
