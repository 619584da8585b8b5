// What is staged: each release whole in a folder of its own, under the paths that it will have. Its record is written last, so
// a folder without one is what an interrupted `add` left, and counts for nothing.
import { Fault } from "../base/fault.ts";
import { isVersion, type Version } from "../base/ids.ts";
import { folderOf } from "../base/machine-path.ts";
import { compareVersions } from "../domain/version-order.ts";
import { parseReleaseManifest, type ReleaseFile, type ReleaseManifest } from "../format/release-files.ts";
import { listIfThere, makeFolders, readSmall, readText, removeIfThere } from "../port/small-file.ts";
import { type StagedRecord, stagedSchema } from "../wire/repository.ts";
import { decodeRecord } from "../wire/state.ts";
import { demandOnMedium, digestOnMedium, filesBelow, removeTree, writeOwn } from "./files.ts";
import { nextFolder, type Publisher, stagingFolder } from "./publisher.ts";

export type StagingFaultCode = "staging-damaged";

export interface StagedRelease {
  readonly version: Version;
  readonly record: StagedRecord;
  readonly manifest: ReleaseManifest;
}

const maxManifestBytes = 4 << 20;

const folderFor = (publisher: Publisher, version: Version): string => `${stagingFolder(publisher)}/${version}`;
const recordPath = (publisher: Publisher, version: Version): string => `${folderFor(publisher, version)}/staged.json`;

/** Where a file of the release waits. */
export function stagedPath(publisher: Publisher, version: Version, name: string): string {
  return `${folderFor(publisher, version)}/files/${name}`;
}

/** Everything a manifest names, without the chunks of the store. */
export function filesOf(manifest: ReleaseManifest): readonly ReleaseFile[] {
  const chunks = manifest.resources.flatMap((resource) =>
    resource.chunks === undefined ? [] : [resource.chunks.index, resource.chunks.map, ...resource.chunks.packs],
  );
  return [...manifest.resources, ...manifest.deltas, ...chunks];
}

/** Without the packs of other releases that it draws upon. */
function ownFilesOf(manifest: ReleaseManifest): readonly ReleaseFile[] {
  const packs = new Set(manifest.resources.flatMap(({ chunks }) => chunks?.packs.map(({ name }) => name) ?? []));
  return filesOf(manifest).filter(({ name }) => !packs.has(name) || name.startsWith(packPrefix(manifest.version)));
}

/** What the names of a release's packs begin with. */
export function packPrefix(version: Version): string {
  return `chunks/${version}-pack-`;
}

/** Versions that have a folder here, whole or not. */
async function foldersHere(publisher: Publisher): Promise<readonly Version[]> {
  const items = await listIfThere(publisher.machine.disk, stagingFolder(publisher));
  return items.flatMap(({ name }) => (isVersion(name) ? [name] : []));
}

/** Oldest first. Fault: `staging-damaged`. */
export async function readStaged(publisher: Publisher): Promise<readonly StagedRelease[]> {
  const found: StagedRelease[] = [];
  for (const version of await foldersHere(publisher)) {
    const record = await readRecord(publisher, version);
    if (record !== undefined) found.push({ version, record, manifest: await readManifest(publisher, record) });
  }
  return found.toSorted((a, b) => compareVersions(a.version, b.version));
}

/** Whether something is staged under that version, however damaged it is. */
export async function isStaged(publisher: Publisher, version: Version): Promise<boolean> {
  return (await publisher.machine.disk.stat(recordPath(publisher, version))) !== undefined;
}

/**
 * What a commit that was cut off has moved to its place already; nothing of a staged release whose manifest cannot be read.
 * A file that still waits is not among it: one of that name in its place is somebody else's.
 */
export async function movedFiles(publisher: Publisher, version: Version): Promise<readonly string[]> {
  const record = await readRecord(publisher, version);
  if (record === undefined) return [];
  const { disk } = publisher.machine;
  try {
    const manifest = await readManifest(publisher, record);
    const names = [...ownFilesOf(manifest).map(({ name }) => name), record.manifest.name];
    const waiting = await Promise.all(names.map((name) => disk.stat(stagedPath(publisher, version, name))));
    return names.filter((_, at) => waiting[at] === undefined);
  } catch (error) {
    if (error instanceof Fault && (error.code === "staging-damaged" || error.code.startsWith("release-"))) return [];
    throw error;
  }
}

async function readRecord(publisher: Publisher, version: Version): Promise<StagedRecord | undefined> {
  const text = await readText(publisher.machine.disk, recordPath(publisher, version));
  return text === undefined ? undefined : decodeRecord(stagedSchema, text);
}

async function readManifest(publisher: Publisher, { version, manifest }: StagedRecord): Promise<ReleaseManifest> {
  const { disk, digest } = publisher.machine;
  // A commit that was interrupted may have moved it already.
  const bytes =
    (await readSmall(disk, stagedPath(publisher, version, manifest.name), maxManifestBytes)) ??
    (await readSmall(disk, `${publisher.folder}/${manifest.name}`, maxManifestBytes));
  const hasher = digest.sha256();
  hasher.update(bytes ?? new Uint8Array());
  if (bytes === undefined || hasher.finish() !== manifest.sha256) throw damaged(version, manifest.name);
  return parseReleaseManifest(bytes);
}

function damaged(version: Version, name: string): Fault<StagingFaultCode> {
  return new Fault("staging-damaged", `Cannot publish ${version}: ${name} is not what was staged`, {
    hint: `Take it back with holdfast repo withdraw and add it again. Nothing that clients read was changed.`,
  });
}

/** Makes what lies in the folder a staged release. */
export async function completeStaging(publisher: Publisher, record: StagedRecord): Promise<void> {
  const folder = folderFor(publisher, record.version);
  await syncFolders(publisher, `${folder}/files`);
  await writeOwn(publisher, recordPath(publisher, record.version), `${JSON.stringify(record)}\n`);
}

async function syncFolders(publisher: Publisher, folder: string): Promise<void> {
  const { disk } = publisher.machine;
  for (const { name, kind } of await disk.list(folder))
    if (kind === "folder") await syncFolders(publisher, `${folder}/${name}`);
  await disk.syncFolder(folder);
}

/** The record goes first and for good: without it the rest counts for nothing. */
export async function dropStaging(publisher: Publisher, version: Version): Promise<void> {
  const { disk } = publisher.machine;
  const folder = folderFor(publisher, version);
  if ((await disk.resolve(folder)) === undefined) return;
  await removeIfThere(disk, recordPath(publisher, version));
  await disk.syncFolder(folder);
  await removeTree(disk, folder);
  await disk.syncFolder(stagingFolder(publisher));
}

/** Removes what interrupted runs left: staging that was not finished, and signed files that nobody goes by any more. */
export async function dropUnfinished(publisher: Publisher): Promise<void> {
  const { disk } = publisher.machine;
  await removeTree(disk, nextFolder(publisher));
  for (const version of await foldersHere(publisher))
    if ((await disk.stat(recordPath(publisher, version))) === undefined) await dropStaging(publisher, version);
}

/**
 * Moves all files of a staged release to their places; nothing names them yet. What was moved before is passed over.
 * Returns when all of them are there, flushed, and what the medium has is what the manifest says.
 */
export async function placeFiles(
  publisher: Publisher,
  { version, record, manifest }: StagedRelease,
  onFile: (file: ReleaseFile) => void,
): Promise<void> {
  const { disk } = publisher.machine;
  const staged = `${folderFor(publisher, version)}/files`;
  const touched = new Set<string>();
  for (const name of await filesBelow(disk, staged)) {
    const target = `${publisher.folder}/${name}`;
    await makeFolders(disk, folderOf(target));
    await moveFile(publisher, version, `${staged}/${name}`, target);
    touched.add(folderOf(target)).add(folderOf(`${staged}/${name}`));
  }
  // Also where an earlier run moved, from where to where: it may have ended before it flushed.
  const files = [record.manifest, ...filesOf(manifest)];
  for (const { name } of files) touched.add(folderOf(`${publisher.folder}/${name}`)).add(folderOf(`${staged}/${name}`));
  for (const folder of touched) if ((await disk.resolve(folder)) !== undefined) await disk.syncFolder(folder);
  for (const file of files) {
    publisher.signal.throwIfAborted();
    if ((await disk.stat(`${publisher.folder}/${file.name}`)) === undefined) throw damaged(version, file.name);
    await demandOnMedium(publisher, `${publisher.folder}/${file.name}`, file);
    onFile(file);
  }
}

/** A chunk of the store may be there already: its name says what is in it, however it is packed. */
async function moveFile(publisher: Publisher, version: Version, from: string, to: string): Promise<void> {
  const { disk } = publisher.machine;
  if ((await disk.stat(to)) !== undefined) {
    const [ours, theirs] = [await digestOnMedium(publisher, from), await digestOnMedium(publisher, to)];
    if (!to.endsWith(".cacnk") && ours?.sha256 !== theirs?.sha256)
      throw new Fault("published-otherwise", `Cannot publish ${version}: ${to} is there already with other bytes`, {
        hint: "Holdfast did not put it there. Move it away, or add the release under another version.",
        kind: "refused",
      });
    return disk.remove(from);
  }
  return disk.rename(from, to);
}
