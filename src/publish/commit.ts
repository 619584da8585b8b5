// `repo commit`: makes what is staged visible in one step. Files first, flushed and read back, while nothing names them; then the
// index; then the pair for other clients. Interrupted anywhere, the same command finishes it.
import { Fault } from "../base/fault.ts";
import type { Version } from "../base/ids.ts";
import { compareVersions } from "../domain/version-order.ts";
import type { IndexedRelease, ReleaseIndex } from "../format/release-files.ts";
import type { RepoCommitReport } from "../wire/repository-reports.ts";
import { nextIndex } from "./next-index.ts";
import { publishIndex, settle } from "./publish.ts";
import type { Publisher } from "./publisher.ts";
import { inRepository } from "./lock.ts";
import { readIndex } from "./published.ts";
import { dropStaging, dropUnfinished, filesOf, placeFiles, readStaged, type StagedRelease } from "./staging.ts";
import { Steps } from "./steps.ts";

export type CommitFaultCode = "nothing-staged" | "version-not-newer";

/** `renew`: sign the index anew though nothing is staged. Faults: `nothing-staged`, those of the staging and of signing. */
export async function commitStaged(publisher: Publisher, renew: boolean): Promise<RepoCommitReport> {
  return inRepository(publisher, "repo commit", async (settings) => {
    const { clock, progress } = publisher.machine;
    const before = await readIndex(publisher, settings);
    const staged = await readStaged(publisher);
    const { finished } = await settle(publisher, settings, before);
    // An earlier run came as far as the index: what is left to do is to take its staging away.
    const done = staged.filter(({ version, record }) => isPublished(before, version, record.manifest.sha256));
    for (const { version } of done) await dropStaging(publisher, version);
    await dropUnfinished(publisher);
    const fresh = staged.filter((release) => !done.includes(release));
    if (fresh.length === 0 && !renew) {
      if (done.length > 0 || finished)
        return { ...reportOf(publisher, before), versions: done.map(({ version }) => version), finished: true };
      throw nothingStaged(publisher);
    }
    demandNewer(before, fresh);
    const steps = new Steps(progress, fresh.length + 1);
    for (const release of fresh) await place(publisher, release, steps);
    steps.begin("Publishing");
    const releases = [...before.releases, ...fresh.map(indexed)];
    const index = nextIndex(before, releases, { nowMs: clock.nowMs(), expiresDays: settings.expiresDays });
    await publishIndex(publisher, settings, index);
    for (const { version } of fresh) await dropStaging(publisher, version);
    steps.end();
    return { ...reportOf(publisher, index), versions: fresh.map(({ version }) => version), finished };
  });
}

function reportOf(
  { folder }: Publisher,
  { serial, created, expires }: ReleaseIndex,
): Pick<RepoCommitReport, "folder" | "serial" | "created" | "expires"> {
  return { folder, serial, created, expires };
}

const isPublished = ({ releases }: ReleaseIndex, version: Version, sha256: string): boolean =>
  releases.some((release) => release.version === version && release.sha256 === sha256);

function indexed({ version, record, manifest }: StagedRelease): IndexedRelease {
  const files = manifest.resources.map(({ name, sizeBytes, sha256 }) => ({ name, sizeBytes, sha256 }));
  const { name, sizeBytes, sha256 } = record.manifest;
  return { version, state: "offered", name, sizeBytes, sha256, files };
}

async function place(publisher: Publisher, release: StagedRelease, steps: Steps): Promise<void> {
  const total = [release.record.manifest, ...filesOf(release.manifest)].reduce((sum, file) => sum + file.sizeBytes, 0);
  steps.begin(`Placing ${release.version}`, total);
  await placeFiles(publisher, release, ({ sizeBytes }) => steps.add(sizeBytes));
}

/** Somebody may have committed a newer one since this was added. */
function demandNewer({ releases }: ReleaseIndex, fresh: readonly StagedRelease[]): void {
  const newest = releases
    .map(({ version }) => version)
    .toSorted(compareVersions)
    .at(-1);
  const old = fresh.find(({ version }) => newest !== undefined && compareVersions(version, newest) <= 0);
  if (old === undefined) return;
  throw new Fault<CommitFaultCode>(
    "version-not-newer",
    `Cannot publish ${old.version}: ${newest} is published, and ${old.version} is not newer`,
    { hint: `Take it back with holdfast repo withdraw DIR ${old.version}.`, kind: "refused" },
  );
}

function nothingStaged({ folder }: Publisher): Fault<CommitFaultCode> {
  return new Fault("nothing-staged", `Cannot publish anything in ${folder}: nothing is staged`, {
    hint: "Stage a release with holdfast repo add, or sign what is there for another term with --renew.",
    kind: "nothing",
  });
}
