// What prune takes away: old releases from the index at once, and files that no published index names once their grace is over.
// Pure; never a file that a release that stays, or one that is staged, still needs.
import type { Version } from "../base/ids.ts";
import { compareVersions } from "../domain/version-order.ts";
import type { IndexedRelease } from "../format/release-files.ts";

export interface PruneFacts {
  readonly releases: readonly IndexedRelease[];
  /** Offered releases that stay. At least 1. */
  readonly keep: number;
  /** Paths below `releases`, `deltas` and `chunks`. */
  readonly present: readonly string[];
  /** Paths that an offered release needs beside its payload and its manifest. */
  readonly needs: (version: Version) => ReadonlySet<string>;
  readonly staged: ReadonlySet<string>;
  /** Since when nothing names a path, in milliseconds since the epoch. */
  readonly since: Readonly<Record<string, number>>;
  readonly nowMs: number;
  readonly graceMs: number;
}

export interface PrunePlan {
  readonly releases: readonly IndexedRelease[];
  readonly dropped: readonly Version[];
  /** No index names these, and their grace is over. */
  readonly remove: readonly string[];
  /** Those that still wait, and since when. */
  readonly since: Readonly<Record<string, number>>;
}

/** Which releases stay: the newest offered ones, and of withdrawn ones those that some machine may still have to be told of. */
export function keptReleases(releases: readonly IndexedRelease[], keep: number): readonly IndexedRelease[] {
  const newestFirst = releases.toSorted((a, b) => compareVersions(b.version, a.version));
  const offered = newestFirst.filter(({ state }) => state === "offered").slice(0, keep);
  const oldest = offered.at(-1)?.version;
  return releases.filter(
    (release) =>
      offered.includes(release) ||
      (release.state === "withdrawn" && oldest !== undefined && compareVersions(release.version, oldest) > 0),
  );
}

export function planPrune(facts: PruneFacts): PrunePlan {
  const { releases, keep, present, needs, staged, since, nowMs, graceMs } = facts;
  const kept = keptReleases(releases, keep);
  const named = new Set(staged);
  for (const { state, version, name, files } of kept) {
    if (state !== "offered") continue;
    named.add(name);
    for (const file of files) named.add(file.name);
    for (const path of needs(version)) named.add(path);
  }
  const dropped = releases.filter((release) => !kept.includes(release));
  // Clients are in the middle of these, however long nothing had named one of their files before.
  const offeredUntilNow = new Set(
    dropped.flatMap(({ state, version, name, files }) =>
      state === "offered" ? [name, ...files.map((file) => file.name), ...needs(version)] : [],
    ),
  );
  const leaving = releases
    .filter((release) => release.state === "withdrawn" || !kept.includes(release))
    .flatMap(({ files }) => files.map(({ name }) => name));
  const candidates = new Set([...present, ...leaving, ...Object.keys(since)].filter((path) => !named.has(path)));
  const remove: string[] = [];
  const waiting: Record<string, number> = {};
  for (const path of [...candidates].toSorted()) {
    const from = offeredUntilNow.has(path) ? nowMs : (since[path] ?? nowMs);
    // A clock that went back makes nothing old.
    if (nowMs - from >= graceMs) remove.push(path);
    else waiting[path] = Math.min(from, nowMs);
  }
  return {
    releases: kept,
    dropped: dropped.map(({ version }) => version),
    remove,
    since: waiting,
  };
}
