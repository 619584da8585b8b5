// Deltas to a release from the newest releases that are offered: for machines that have one of these.
import { folderOf } from "../base/machine-path.ts";
import { makeDelta, type MadeDelta } from "../delta/make-delta.ts";
import { compareVersions } from "../domain/version-order.ts";
import type { IndexedRelease, ReleaseDelta, ReleaseResource } from "../format/release-files.ts";
import type { DiskFile } from "../port/disk.ts";
import { makeFolders, removeIfThere } from "../port/small-file.ts";
import type { RepositorySettings } from "../wire/repository.ts";
import { demandOnMedium } from "./files.ts";
import type { PrepareJob } from "./prepare.ts";
import type { Publisher } from "./publisher.ts";
import { readReleaseManifest } from "./read-manifest.ts";
import { sameResource } from "./release-names.ts";
import { stagedPath } from "./staging.ts";
import { unlessTooLarge } from "./unless-too-large.ts";

const deltaFolder = "deltas";
/** What fits into a few packets is fetched whole. */
const targetBytesMin = 64 << 10;
/** A delta that saves less is not worth its room. */
const worthwhile = 0.9;

/** A delta that no client would take is left away, with a note. */
export async function makeDeltas(
  publisher: Publisher,
  settings: RepositorySettings,
  job: PrepareJob,
  make: typeof makeDelta = makeDelta,
): Promise<readonly ReleaseDelta[]> {
  const pairs = await pairsOf(publisher, settings, job);
  if (pairs.length === 0) return [];
  const total = pairs.reduce((sum, { target }) => sum + target.sizeBytes, 0);
  job.steps.begin("Making deltas", total);
  const deltas: ReleaseDelta[] = [];
  let done = 0;
  for (const pair of pairs) {
    const already = done;
    const onShare = (share: number): void => job.steps.at(already + share * pair.target.sizeBytes);
    const made = await makeOne(publisher, job, pair, onShare, make);
    if (made !== undefined) deltas.push(made);
    done += pair.target.sizeBytes;
  }
  return deltas;
}

interface Pair {
  readonly from: IndexedRelease;
  readonly old: ReleaseResource;
  readonly target: ReleaseResource;
}

/** Newest release first. */
async function pairsOf(
  publisher: Publisher,
  settings: RepositorySettings,
  { index, version, resources }: PrepareJob,
): Promise<readonly Pair[]> {
  const offered = index.releases.filter(({ state }) => state === "offered");
  const newest = offered.toSorted((a, b) => compareVersions(b.version, a.version)).slice(0, settings.deltas);
  const pairs: Pair[] = [];
  for (const from of newest) {
    const olds = (await readReleaseManifest(publisher, from)).resources;
    for (const target of resources) {
      const old = olds.find(({ name }) => sameResource(name, from.version, target.name, version));
      // What is installed is what is in the file; where it travels compressed, a delta would need what nobody has kept.
      if (old === undefined || old.content.sha256 !== old.sha256 || old.sha256 === target.sha256) continue;
      if (target.sizeBytes >= targetBytesMin) pairs.push({ from, old, target });
    }
  }
  return pairs;
}

async function makeOne(
  publisher: Publisher,
  job: PrepareJob,
  { from, old, target }: Pair,
  onShare: (share: number) => void,
  make: typeof makeDelta,
): Promise<ReleaseDelta | undefined> {
  const { disk } = publisher.machine;
  const name = `${deltaFolder}/${target.name}-from-${old.name}.delta`;
  const path = stagedPath(publisher, job.version, name);
  await using oldFile = await disk.open(`${publisher.folder}/${old.name}`, "read");
  await using targetFile = await disk.open(stagedPath(publisher, job.version, target.name), "read");
  await makeFolders(disk, folderOf(path));
  const made = await unlessTooLarge(publisher, `${target.name} from ${old.name}`, () =>
    writeDelta(publisher, path, oldFile, targetFile, onShare, make),
  );
  if (made === undefined || made.sizeBytes > target.sizeBytes * worthwhile) {
    await disk.remove(path);
    return undefined;
  }
  const { sizeBytes, sha256, head, encoder, memoryBytes } = made;
  await demandOnMedium(publisher, path, made);
  return {
    name,
    sizeBytes,
    sha256,
    resource: target.name,
    from: { version: from.version, ...old.content },
    head,
    encoder,
    memoryBytes,
  };
}

async function writeDelta(
  publisher: Publisher,
  path: string,
  old: DiskFile,
  target: DiskFile,
  onShare: (share: number) => void,
  make: typeof makeDelta,
): Promise<MadeDelta> {
  await using file = await publisher.machine.disk.open(path, "create");
  await file.setMode(0o644);
  let at = 0;
  const made = await withSpool(publisher, `${folderOf(path)}/sections`, (spool) =>
    make({
      old,
      target,
      spool,
      write: async (bytes) => {
        publisher.signal.throwIfAborted();
        await file.write(at, bytes);
        at += bytes.length;
      },
      onProgress: (done, total) => {
        publisher.signal.throwIfAborted();
        onShare(done / total);
      },
    }),
  );
  await file.sync();
  return made;
}

/** Gives a file that is gone afterwards: what is new in a release need not fit into memory. */
async function withSpool<T>(
  { machine: { disk } }: Publisher,
  path: string,
  work: (spool: DiskFile) => Promise<T>,
): Promise<T> {
  try {
    await using spool = await disk.open(path, "create");
    return await work(spool);
  } finally {
    await removeIfThere(disk, path);
  }
}
