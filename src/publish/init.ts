// `repo init`: an empty repository, signed. Interrupted, it is finished by running it again with the same key.
import { Fault } from "../base/fault.ts";
import type { ReleaseIndex } from "../format/release-files.ts";
import { listIfThere, makeFolders } from "../port/small-file.ts";
import type { RepositorySettings } from "../wire/repository.ts";
import type { RepoInitReport } from "../wire/repository-reports.ts";
import { settle, publishIndex } from "./publish.ts";
import { writeOwn } from "./files.ts";
import { nextIndex } from "./next-index.ts";
import { indexName, manifestFolder, ownFolder, type Publisher, settingsPath, sumsName } from "./publisher.ts";
import { locked } from "./lock.ts";
import { findIndex, signerOf } from "./published.ts";
import { findSettings } from "./settings.ts";

export type InitFaultCode = "folder-in-use" | "index-missing" | "repository-exists";

/** Faults: `repository-exists` (with other settings), `folder-in-use`, those of signing. */
export async function initRepository(publisher: Publisher, settings: RepositorySettings): Promise<RepoInitReport> {
  const { clock, verifier } = publisher.machine;
  const keys = await verifier.countKeys(Uint8Array.fromBase64(settings.keyring));
  await demandFree(publisher);
  await makeOwnFolder(publisher);
  return locked(publisher, "repo init", async () => {
    const before = await findSettings(publisher);
    const there = before === undefined ? undefined : await findIndex(publisher, before);
    if (before !== undefined && there !== undefined) {
      if (!sameSettings(before, settings)) throw exists(publisher, "with other settings");
      const { finished } = await settle(publisher, settings, there);
      if (!finished) throw exists(publisher, "and has nothing to finish");
      return reportOf(publisher, settings, there, keys);
    }
    await demandNothingPublished(publisher);
    await writeOwn(publisher, settingsPath(publisher), `${JSON.stringify(settings, undefined, 2)}\n`);
    const index = nextIndex(undefined, [], { nowMs: clock.nowMs(), expiresDays: settings.expiresDays });
    await publishIndex(publisher, settings, index);
    return reportOf(publisher, settings, index, keys);
  });
}

/** With what is staged and how it is signed: nobody else reads it, a web server that knows nothing of Holdfast included. */
async function makeOwnFolder(publisher: Publisher): Promise<void> {
  const { disk } = publisher.machine;
  const folder = ownFolder(publisher);
  await makeFolders(disk, folder);
  const found = await disk.stat(folder);
  if (found === undefined || (found.mode & 0o077) === 0) return;
  // Flushed with the settings that are written into it.
  await disk.setFolderMode(folder, 0o700, found.uid, found.gid);
}

async function reportOf(
  publisher: Publisher,
  settings: RepositorySettings,
  index: ReleaseIndex,
  keys: number,
): Promise<RepoInitReport> {
  const { folder } = publisher;
  return {
    folder,
    serial: index.serial,
    expires: index.expires,
    keys,
    fingerprint: await signerOf(publisher, settings),
  };
}

function sameSettings(a: RepositorySettings, b: RepositorySettings): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function exists({ folder }: Publisher, how: string): Fault<InitFaultCode> {
  return new Fault("repository-exists", `Cannot make a repository in ${folder}: it is one already, ${how}`, {
    hint: "Add releases with holdfast repo add. To change its settings, edit .holdfast/repository.json.",
    kind: "refused",
  });
}

/** A new index would begin to count anew, and machines that know the old one would refuse it. */
async function demandNothingPublished(publisher: Publisher): Promise<void> {
  if ((await listIfThere(publisher.machine.disk, `${publisher.folder}/${manifestFolder}`)).length === 0) return;
  throw new Fault<InitFaultCode>(
    "index-missing",
    `Cannot make a repository in ${publisher.folder}: it has releases, and its ${indexName} is missing`,
    { hint: "Restore that file from a copy: a new one would be older than what machines know.", kind: "refused" },
  );
}

/** A folder that somebody else publishes in is not taken over. */
async function demandFree(publisher: Publisher): Promise<void> {
  const { disk } = publisher.machine;
  if ((await disk.resolve(publisher.folder)) === undefined || (await findSettings(publisher)) !== undefined) return;
  if ((await disk.stat(`${publisher.folder}/${sumsName}`)) === undefined) return;
  throw new Fault<InitFaultCode>(
    "folder-in-use",
    `Cannot make a repository in ${publisher.folder}: it has a ${sumsName} that Holdfast did not publish`,
    { hint: "Take an empty folder, and add the releases from this one.", kind: "refused" },
  );
}
