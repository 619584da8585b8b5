// `repo add`: looks at a release, refuses what machines could not boot or update to, and stages it whole. Nothing that a client
// reads changes; interrupted, it leaves a folder without a record, which the next run removes.
import { Fault } from "../base/fault.ts";
import { parseVersion, type Version } from "../base/ids.ts";
import { nameOf } from "../base/machine-path.ts";
import type { Transfer } from "../format/definitions.ts";
import {
  formatReleaseManifest,
  type ReleaseIndex,
  type ReleaseManifest,
  type ReleaseResource,
} from "../format/release-files.ts";
import { readerOf } from "../port/file-reader.ts";
import type { RepositorySettings } from "../wire/repository.ts";
import type { RepoAddReport } from "../wire/repository-reports.ts";
import { reportAdded } from "./report-added.ts";
import { contentOf } from "./content-of.ts";
import { bringFile, digestOf, bytesOf, type FileDigest, writeNew } from "./files.ts";
import { inspectFile, type Inspectors } from "./inspect.ts";
import { judgePublished, judgeRelease } from "./judge-release.ts";
import { prepareRelease } from "./prepare.ts";
import { manifestFolder, type Publisher } from "./publisher.ts";
import { inRepository } from "./lock.ts";
import { readIndex } from "./published.ts";
import { refusal } from "./refusal.ts";
import type { PayloadFacts } from "./release-facts.ts";
import { payloadRole } from "./release-names.ts";
import { completeStaging, dropStaging, dropUnfinished, readStaged, stagedPath, type StagedRelease } from "./staging.ts";
import { Steps } from "./steps.ts";

export interface AddRequest {
  readonly version: string;
  /** Absolute paths of the host; published under their own names. */
  readonly files: readonly string[];
  readonly transfers: readonly Transfer[] | undefined;
  readonly notes: string;
  readonly epoch: number;
  readonly withoutInitrdParts: boolean;
  readonly inspectors: Inspectors;
}

/** Faults: those of `judgeRelease`, of the files, and of the repository. */
export async function addRelease(publisher: Publisher, request: AddRequest): Promise<RepoAddReport> {
  const version = parseVersion(request.version);
  return inRepository(publisher, "repo add", async (settings) => {
    const index = await readIndex(publisher, settings);
    const staged = await readStaged(publisher);
    await dropUnfinished(publisher);
    const before = staged.find((release) => release.version === version);
    if (before !== undefined) return sameAsStaged(publisher, request, before);
    const facts = await inspectAll(publisher, request);
    const versions = staged.map((release) => release.version);
    demandGood(judgeRelease({ ...request, version, files: facts, published: index, staged: versions }));
    try {
      const manifest = await stage(publisher, request, { version, settings, index, facts });
      return await reportAdded(publisher, manifest, { already: false, notices: noticesOf(facts) });
    } catch (error) {
      // As it was before; where that fails too, the next run removes what is there.
      await dropStaging(publisher, version).catch(() => undefined);
      throw error;
    }
  });
}

function demandGood(refusals: readonly Fault[]): void {
  const [first, ...more] = refusals;
  if (first === undefined) return;
  if (more.length === 0) throw first;
  throw new Fault(first.code, first.message, {
    ...(first.hint === undefined
      ? {}
      : { hint: `${first.hint}\nThere is more:\n${more.map(({ message }) => `  ${message}`).join("\n")}` }),
    kind: first.kind,
    details: { more: more.map(({ code, message }) => ({ code, message })) },
  });
}

async function inspectAll(publisher: Publisher, { files, inspectors }: AddRequest): Promise<readonly PayloadFacts[]> {
  const facts: PayloadFacts[] = [];
  for (const path of files) {
    const real = await publisher.machine.disk.resolve(path);
    if (real === undefined || (await publisher.machine.disk.stat(real))?.kind !== "file")
      throw new Fault(
        "no-such-file",
        `Cannot add ${path}: ${real === undefined ? "there is no such file" : "it is no file"}`,
        {
          hint: "Name the files of the release one by one; archives and images, no folders.",
          kind: "usage",
        },
      );
    await using file = await publisher.machine.disk.open(path, "read");
    facts.push(await inspectFile(nameOf(path), await readerOf(file), inspectors));
  }
  return facts;
}

function noticesOf(facts: readonly PayloadFacts[]): readonly string[] {
  return facts.flatMap(({ name, initrd, erofs, sizeBytes }) => [
    ...(initrd?.kind === "unknown" ? [`Whether ${name} gives a failed boot up is not known: ${initrd.why}.`] : []),
    ...(erofs !== undefined && erofs.sizeBytes < sizeBytes
      ? [`${name} has ${sizeBytes - erofs.sizeBytes} bytes behind its file system.`]
      : []),
  ]);
}

async function sameAsStaged(publisher: Publisher, request: AddRequest, staged: StagedRelease): Promise<RepoAddReport> {
  const { disk, digest } = publisher.machine;
  const { manifest, version } = staged;
  const same = async (path: string): Promise<boolean> => {
    await using file = await disk.open(path, "read");
    const { sha256 } = await digestOf(digest, bytesOf(file));
    return manifest.resources.some((resource) => resource.name === nameOf(path) && resource.sha256 === sha256);
  };
  let all = request.files.length === manifest.resources.length;
  for (const path of request.files) all &&= await same(path);
  if (all) return reportAdded(publisher, manifest, { already: true, notices: [] });
  throw refusal(
    "already-staged",
    `Cannot add ${version}: it is staged already, with other files`,
    `Publish that with holdfast repo commit, or take it back with holdfast repo withdraw ${publisher.folder} ${version}.`,
  );
}

interface Staging {
  readonly version: Version;
  readonly settings: RepositorySettings;
  readonly index: ReleaseIndex;
  readonly facts: readonly PayloadFacts[];
}

/** Copying and staging; chunks, and deltas once there is something to make them from. */
function stepCount({ chunks, deltas }: RepositorySettings, { releases }: ReleaseIndex): number {
  return 2 + (chunks === undefined ? 0 : 1) + (deltas > 0 && releases.length > 0 ? 1 : 0);
}

async function stage(publisher: Publisher, request: AddRequest, staging: Staging): Promise<ReleaseManifest> {
  const { version, settings, index, facts } = staging;
  const total = facts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const steps = new Steps(publisher.machine.progress, stepCount(settings, index));
  steps.begin(`Copying ${version}`, total);
  const resources: ReleaseResource[] = [];
  for (const [at, path] of request.files.entries()) {
    const name = nameOf(path);
    const staged = stagedPath(publisher, version, name);
    const file: FileDigest = await bringFile(publisher, path, staged, steps.add);
    const fact = facts[at];
    if (fact === undefined || fact.sizeBytes !== file.sizeBytes)
      throw new Fault("source-changed", `Cannot add ${path}: it changed while it was read`);
    const role = payloadRole(fact, request.transfers);
    resources.push({ name, ...file, role, content: await contentOf(publisher, staged, file), chunks: undefined });
  }
  const refused = judgePublished(version, resources, index);
  if (refused !== undefined) throw refused;
  const prepared = await prepareRelease(publisher, settings, { version, index, resources, steps });
  const { notes, epoch } = request;
  const manifest: ReleaseManifest = { version, epoch, notes, ...prepared };
  steps.begin("Staging");
  const name = `${manifestFolder}/${version}.json`;
  const written = await writeNew(publisher, stagedPath(publisher, version, name), [formatReleaseManifest(manifest)]);
  await completeStaging(publisher, { format: 1, version, manifest: { name, ...written } });
  steps.end();
  return manifest;
}
