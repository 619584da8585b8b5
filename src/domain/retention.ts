// How many versions stay installed, and which go (P3): InstancesMax= counts, but never against what is kept for a reason.
import type { Version } from "../base/ids.ts";
import type { Transfer } from "../format/definitions.ts";

export interface RetainedVersion {
  readonly version: Version;
  readonly running: boolean;
  readonly wayBack: boolean;
  /** The version that an update in progress installs. */
  readonly target: boolean;
  readonly pinned: boolean;
  /** Named by ProtectVersion=. */
  readonly protected: boolean;
  readonly complete: boolean;
  readonly quarantined: boolean;
  /** Older than MinVersion=. */
  readonly obsolete: boolean;
}

export interface Retention {
  /** Newest first. */
  readonly keep: readonly Version[];
  /** What is missed least first. */
  readonly remove: readonly Version[];
}

/** Fewer would leave no way back. */
const fewest = 2;

/** Whether no count may cost this version its place. */
function isHeld({ running, wayBack, target, pinned, protected: isProtected }: RetainedVersion): boolean {
  return running || wayBack || target || pinned || isProtected;
}

/** What is of least use goes first: what cannot boot, what failed here, what is no longer supported; then by age. */
function useOf({ complete, quarantined, obsolete }: RetainedVersion): number {
  if (!complete) return 0;
  if (quarantined) return 1;
  return obsolete ? 2 : 3;
}

/**
 * Chooses what goes so that `instancesMax` versions stay, or more where more are held. `versions`: all that are
 * installed, newest first, the target of an update included.
 */
export function keepAndRemove(facts: {
  readonly versions: readonly RetainedVersion[];
  readonly instancesMax: number;
}): Retention {
  const { versions } = facts;
  const excess = Math.max(0, versions.length - Math.max(fewest, facts.instancesMax));
  const remove = versions
    .filter((version) => !isHeld(version))
    .toReversed()
    .sort((a, b) => useOf(a) - useOf(b))
    .slice(0, excess)
    .map(({ version }) => version);
  const gone = new Set(remove);
  return { keep: versions.map(({ version }) => version).filter((version) => !gone.has(version)), remove };
}

/**
 * How many versions the definitions allow: the fewest of all transfers, because a version goes whole. Partitions
 * without InstancesMax= set no limit, their slots do; infinite when nothing else does.
 */
export function minInstancesMax(transfers: readonly Transfer[]): number {
  const counts = transfers.map(({ target }) => target.instancesMax ?? Number.POSITIVE_INFINITY);
  return Math.max(fewest, Math.min(Number.POSITIVE_INFINITY, ...counts));
}
