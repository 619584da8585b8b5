// Who publishes into which folder, and where in it what lies. What clients read is at the top and in `releases`, `deltas`
// and `chunks`; `.holdfast` is the publisher's own.
import type { Machine } from "../port/machine.ts";
import { makeFolders } from "../port/small-file.ts";

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

const ownFolder = ({ folder }: Publisher): string => `${folder}/.holdfast`;
export const settingsPath = (publisher: Publisher): string => `${ownFolder(publisher)}/repository.json`;
export const retiredPath = (publisher: Publisher): string => `${ownFolder(publisher)}/retired.json`;
/** Where a file is written before it takes its place. */
export const nextFolder = (publisher: Publisher): string => `${ownFolder(publisher)}/next`;
export const stagingFolder = (publisher: Publisher): string => `${ownFolder(publisher)}/staging`;

/** One publisher at a time: whatever changes the repository, or what is staged for it, holds the lock. Fault: `busy`. */
export async function locked<T>(publisher: Publisher, command: string, work: () => Promise<T>): Promise<T> {
  const { disk, lock, progress } = publisher.machine;
  await makeFolders(disk, ownFolder(publisher));
  await using held = await lock.acquire(
    `${ownFolder(publisher)}/lock`,
    command,
    publisher.lockWaitMs ?? 0,
    (owner) => progress.report({ kind: "note", text: `Waiting for ${owner?.command ?? "another publisher"}` }),
    publisher.signal,
  );
  void held;
  return await work();
}
