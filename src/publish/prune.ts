// `repo prune`: old releases leave the index, and what nothing names any more goes after a grace, in which clients that have an
// older index finish. What is to go is written down before the index changes, so that an interrupted run forgets nothing.
import { Fault } from "../base/fault.ts";
import type { Version } from "../base/ids.ts";
import { folderOf } from "../base/machine-path.ts";
import type { ReleaseIndex, ReleaseManifest } from "../format/release-files.ts";
import { listIfThere, readText, removeIfThere } from "../port/small-file.ts";
import { type RepositorySettings, type RetiredRecord, retiredSchema } from "../wire/repository.ts";
import type { RepoPruneReport } from "../wire/repository-reports.ts";
import { decodeRecord } from "../wire/state.ts";
import { chunkPathsOf } from "./chunk-paths.ts";
import { filesBelow, writeOwn } from "./files.ts";
import { nextIndex } from "./next-index.ts";
import { keptReleases, planPrune, type PrunePlan } from "./plan-prune.ts";
import { publishIndex, settle } from "./publish.ts";
import { manifestFolder, type Publisher, retiredPath } from "./publisher.ts";
import { inRepository } from "./lock.ts";
import { readIndex } from "./published.ts";
import { readReleaseManifest } from "./read-manifest.ts";
import { dropUnfinished, filesOf, readStaged, stagedPath } from "./staging.ts";
import { Steps } from "./steps.ts";

export type PruneFaultCode = "prunes-everything";

export interface PruneRequest {
  /** The repository's own where absent, as with the other. */
  readonly keep: number | undefined;
  readonly graceDays: number | undefined;
}

const dayMs = 86_400_000;
const madeFolders = [manifestFolder, "deltas", "chunks"];

/** Faults: `prunes-everything`, those of the repository, of its manifests and of signing. */
export async function pruneRepository(publisher: Publisher, request: PruneRequest): Promise<RepoPruneReport> {
  return inRepository(publisher, "repo prune", async (settings) => {
    const { clock, progress } = publisher.machine;
    const before = await readIndex(publisher, settings);
    const keep = request.keep ?? settings.keep;
    demandSomeKept(publisher, before, keep);
    await settle(publisher, settings, before);
    await dropUnfinished(publisher);
    const graceMs = (request.graceDays ?? settings.graceDays) * dayMs;
    const plan = await makePlan(publisher, before, keep, graceMs);
    const steps = new Steps(progress, 2);
    steps.begin("Publishing without what goes");
    const record = (since: RetiredRecord["since"]): Promise<void> =>
      writeOwn(publisher, retiredPath(publisher), `${JSON.stringify({ format: 1, since })}\n`);
    const nowMs = clock.nowMs();
    await record({ ...plan.since, ...Object.fromEntries(plan.remove.map((path) => [path, nowMs - graceMs])) });
    const index = await publishWithout(publisher, settings, before, plan);
    steps.begin("Removing");
    const removed = await removeFiles(publisher, plan.remove);
    await record(plan.since);
    steps.end();
    const waiting = Object.keys(plan.since);
    const since = Object.values(plan.since);
    return {
      folder: publisher.folder,
      kept: index.releases.filter(({ state }) => state === "offered").map(({ version }) => version),
      dropped: plan.dropped,
      removed,
      waiting: {
        files: waiting.length,
        bytes: await bytesOfAll(publisher, waiting),
        untilMs: since.length === 0 ? undefined : Math.max(...since) + graceMs,
      },
      serial: index.serial,
    };
  });
}

function demandSomeKept({ folder }: Publisher, { releases }: ReleaseIndex, keep: number): void {
  if (keep >= 1 && (releases.length === 0 || releases.some(({ state }) => state === "offered"))) return;
  const why = keep < 1 ? "no release would be left" : "every release in it is withdrawn";
  throw new Fault<PruneFaultCode>("prunes-everything", `Cannot prune ${folder}: ${why}`, {
    hint: keep < 1 ? "Keep at least one, with --keep=1." : "Publish a good release first.",
    kind: "refused",
  });
}

async function makePlan(
  publisher: Publisher,
  { releases }: ReleaseIndex,
  keep: number,
  graceMs: number,
): Promise<PrunePlan> {
  const { disk, clock } = publisher.machine;
  const needs = new Map<Version, ReadonlySet<string>>();
  const kept = keptReleases(releases, keep);
  for (const release of releases.filter(({ state }) => state === "offered"))
    try {
      needs.set(release.version, await needsOf(publisher, await readReleaseManifest(publisher, release)));
    } catch (error) {
      // What cannot be read cannot be pruned around: a Fault, before anything changes. A release that goes may be damaged.
      if (!(error instanceof Fault) || kept.includes(release)) throw error;
    }
  const staged = new Set<string>();
  for (const { version, record, manifest } of await readStaged(publisher)) {
    staged.add(record.manifest.name);
    const inStaging = (name: string): string => stagedPath(publisher, version, name);
    for (const path of await needsOf(publisher, manifest, inStaging)) staged.add(path);
  }
  const present: string[] = [];
  for (const folder of madeFolders)
    for (const path of await filesBelow(disk, `${publisher.folder}/${folder}`)) present.push(`${folder}/${path}`);
  const text = await readText(disk, retiredPath(publisher), 64 << 20);
  return planPrune({
    releases,
    keep,
    present,
    needs: (version) => needs.get(version) ?? new Set(),
    staged,
    since: (text === undefined ? undefined : decodeRecord(retiredSchema, text))?.since ?? {},
    nowMs: clock.nowMs(),
    graceMs,
  });
}

async function needsOf(
  publisher: Publisher,
  manifest: ReleaseManifest,
  alsoAt?: (name: string) => string,
): Promise<ReadonlySet<string>> {
  const chunks = await chunkPathsOf(publisher, manifest, alsoAt);
  return new Set([...filesOf(manifest).map(({ name }) => name), ...chunks]);
}

async function publishWithout(
  publisher: Publisher,
  settings: RepositorySettings,
  before: ReleaseIndex,
  { releases, dropped }: PrunePlan,
): Promise<ReleaseIndex> {
  if (dropped.length === 0) return before;
  const nowMs = publisher.machine.clock.nowMs();
  const index = nextIndex(before, releases, { nowMs, expiresDays: settings.expiresDays });
  await publishIndex(publisher, settings, index);
  return index;
}

/** Also folders that become empty. */
async function removeFiles(
  publisher: Publisher,
  paths: readonly string[],
): Promise<{ readonly files: number; readonly bytes: number }> {
  const { disk } = publisher.machine;
  let bytes = 0;
  let files = 0;
  const folders = new Set<string>();
  for (const path of paths) {
    publisher.signal.throwIfAborted();
    const whole = `${publisher.folder}/${path}`;
    const stat = await disk.stat(whole);
    if (stat === undefined) continue;
    await removeIfThere(disk, whole);
    bytes += stat.sizeBytes;
    files += 1;
    folders.add(folderOf(whole));
  }
  for (const folder of [...folders].toSorted().toReversed()) await tidyFolder(publisher, folder);
  return { files, bytes };
}

async function tidyFolder(publisher: Publisher, folder: string): Promise<void> {
  const { disk } = publisher.machine;
  if ((await disk.resolve(folder)) === undefined) return;
  await disk.syncFolder(folder);
  if (folder === publisher.folder || (await listIfThere(disk, folder)).length > 0) return;
  await disk.removeFolder(folder);
  await tidyFolder(publisher, folderOf(folder));
}

async function bytesOfAll(publisher: Publisher, paths: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const path of paths) bytes += (await publisher.machine.disk.stat(`${publisher.folder}/${path}`))?.sizeBytes ?? 0;
  return bytes;
}
