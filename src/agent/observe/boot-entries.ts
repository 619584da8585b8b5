// Observe: the boot entries that the loader can see, read as it reads them (D.8; boot-lab, "Damage on the ESP").
import { Fault } from "../../base/fault.ts";
import type { Sha256 } from "../../base/ids.ts";
import { joinPath } from "../../base/machine-path.ts";
import type { BootEntry, Loadable } from "../../domain/boot-graph.ts";
import type { ObservedEntry } from "../../domain/graph.ts";
import type { VersionRecord } from "../../domain/records.ts";
import type { SecureBoot } from "../../domain/secure-boot.ts";
import { type BootEntryFile, bootEntryKind, parseBootEntry } from "../../format/boot-entry.ts";
import { type EntryName, parseEntryName } from "../../format/entry-name.ts";
import type { OsRelease } from "../../format/os-release.ts";
import { readUki, type Uki } from "../../format/uki.ts";
import type { DiskFile, FileStat } from "../../port/disk.ts";
import type { BootFolder, BootFolders } from "./boot-folders.ts";
import { digestFile } from "../acquire/digest-file.ts";
import type { Session } from "../session.ts";
import { readerOf } from "../../port/file-reader.ts";
import { judgeBootImage } from "./secure-boot.ts";
import { listIfThere, readSmall } from "../state/small-file.ts";

/** More entries than any menu shows; beyond it something fills the ESP on purpose. */
const maxEntries = 500;
const maxConfBytes = 256 * 1024;
/** A file that is no PE is judged by digest alone; hashing a larger one would make `status` slow. */
const maxForeignBytes = 256 * 1024 * 1024;

interface EntryFile {
  readonly folder: BootFolder;
  readonly path: string;
  readonly fileName: string;
  readonly name: EntryName;
  readonly stat: FileStat;
}

async function entryFiles(
  session: Session,
  folder: BootFolder,
  below: string,
  suffix: ".efi" | ".conf",
): Promise<readonly EntryFile[]> {
  const { disk } = session.machine;
  const path = joinPath(folder.path, below);
  const found: EntryFile[] = [];
  for (const item of (await listIfThere(disk, path)).slice(0, maxEntries)) {
    const name = parseEntryName(item.name);
    if (name?.suffix !== suffix || item.kind !== "file") continue;
    const stat = await disk.stat(`${path}/${item.name}`);
    if (stat !== undefined) found.push({ folder, path: `${path}/${item.name}`, fileName: item.name, name, stat });
  }
  return found;
}

function entryOf(
  file: EntryFile,
  type: 1 | 2,
  loadable: Loadable,
  facts: Pick<BootEntry, "title" | "version" | "sortKey" | "machineId">,
): BootEntry {
  return {
    id: file.name.id,
    path: file.path,
    fileName: file.fileName,
    where: file.folder.where,
    type,
    tries: file.name.tries,
    ...facts,
    loadable,
    sizeBytes: file.stat.sizeBytes,
    stamp: file.stat.stamp,
  };
}

/** The names systemd-boot takes from a UKI's os-release for title and order. */
function ukiFacts(os: OsRelease | undefined): Pick<BootEntry, "title" | "version" | "sortKey" | "machineId"> {
  return {
    title: os?.prettyName ?? os?.imageId ?? os?.name ?? os?.id,
    version: os?.imageVersion ?? os?.version ?? os?.versionId ?? os?.buildId,
    sortKey: os === undefined ? undefined : (os.imageId ?? os.id),
    machineId: undefined,
  };
}

async function inspectUki(file: DiskFile): Promise<{ readonly uki: Uki | undefined; readonly loadable: Loadable }> {
  const reader = await readerOf(file);
  let unreadable: unknown;
  try {
    const uki = await readUki({
      sizeBytes: reader.sizeBytes,
      read: async (offset, length) => {
        try {
          return await reader.read(offset, length);
        } catch (error) {
          unreadable = error;
          throw error;
        }
      },
    });
    if (uki.osRelease === undefined)
      return { uki, loadable: { kind: "ignored", why: "it carries no os-release, so the loader does not show it" } };
    return { uki, loadable: { kind: "yes" } };
  } catch (error) {
    // What cannot be read is not what cannot be understood: nothing is known of it.
    if (!(error instanceof Fault) || error === unreadable) throw error;
    // Cut short, its headers still parse: the loader lists it, and loading it fails (boot-lab).
    if (error.code === "pe-truncated")
      return { uki: undefined, loadable: { kind: "fails", why: "the file is cut short" } };
    if (error.code === "not-pe") return { uki: undefined, loadable: { kind: "ignored", why: "it is no EFI program" } };
    return { uki: undefined, loadable: { kind: "ignored", why: error.message } };
  }
}

/** Digests that records hold for entries: what vouches for a file that cannot be inspected. */
function entryDigests(records: Iterable<VersionRecord>): ReadonlySet<Sha256> {
  return new Set(
    [...records].flatMap((record) =>
      record.resources.filter(({ role }) => role === "entry").map(({ content }) => content.sha256),
    ),
  );
}

/**
 * A reading that fails or makes no sense is taken once more: one that merely went wrong must not have an entry passed
 * over, nor another one believed to be first (P3).
 */
async function inspectTwice(session: Session, file: EntryFile): ReturnType<typeof inspectUki> {
  const inspect = async (): ReturnType<typeof inspectUki> => {
    await using open = await session.machine.disk.open(file.path, "read");
    return await inspectUki(open);
  };
  try {
    const first = await inspect();
    if (first.loadable.kind === "yes") return first;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
  return inspect();
}

async function readUkiEntry(
  session: Session,
  file: EntryFile,
  digests: ReadonlySet<Sha256>,
  secureBoot: SecureBoot,
): Promise<ObservedEntry> {
  try {
    const { uki, loadable: own } = await inspectTwice(session, file);
    const loadable = own.kind === "yes" ? await underSecureBoot(session, secureBoot, file.path) : own;
    if (
      uki === undefined &&
      loadable.kind === "ignored" &&
      file.stat.sizeBytes > 0 &&
      file.stat.sizeBytes <= maxForeignBytes &&
      digests.size > 0
    ) {
      await using open = await session.machine.disk.open(file.path, "read");
      const digest = await digestFile(session, open, undefined);
      if (digests.has(digest))
        return { entry: entryOf(file, 2, { kind: "yes" }, ukiFacts(undefined)), commandLine: undefined, files: [] };
    }
    return { entry: entryOf(file, 2, loadable, ukiFacts(uki?.osRelease)), commandLine: uki?.cmdline, files: [] };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return {
      entry: entryOf(file, 2, { kind: "fails", why: error.message }, ukiFacts(undefined)),
      commandLine: undefined,
      files: [],
    };
  }
}

function confLoadable(entry: BootEntryFile): Loadable {
  return bootEntryKind(entry) === undefined ? { kind: "ignored", why: "it names nothing to start" } : { kind: "yes" };
}

/** What Secure Boot says to the program at `path`; once more where it would refuse it, as one reading may be wrong. */
async function underSecureBoot(session: Session, secureBoot: SecureBoot, path: string): Promise<Loadable> {
  if (secureBoot.kind !== "on") return { kind: "yes" };
  const judge = async (): Promise<Loadable> => {
    await using open = await session.machine.disk.open(path, "read");
    const verdict = await judgeBootImage(session, secureBoot.policy, open, { thorough: false });
    return verdict.kind === "taken" ? { kind: "yes" } : { kind: "refused", why: verdict.why };
  };
  const first = await judge();
  return first.kind === "yes" ? first : judge();
}

/** Once more where it seems to be no entry, as with a UKI. */
async function readConfEntry(session: Session, file: EntryFile, secureBoot: SecureBoot): Promise<ObservedEntry> {
  const first = await readConfEntryOnce(session, file, secureBoot);
  return first.entry.loadable.kind === "yes" ? first : readConfEntryOnce(session, file, secureBoot);
}

/** The program that the entry starts; where it is not there, the graph says so. */
async function confUnderSecureBoot(
  session: Session,
  file: EntryFile,
  conf: BootEntryFile,
  secureBoot: SecureBoot,
): Promise<Loadable> {
  const loadable = confLoadable(conf);
  const program = conf.linux ?? conf.efi ?? conf.uki;
  if (loadable.kind !== "yes" || program === undefined || secureBoot.kind !== "on") return loadable;
  const path = await session.machine.disk.resolve(joinPath(file.folder.path, program));
  return path === undefined ? loadable : underSecureBoot(session, secureBoot, path);
}

async function readConfEntryOnce(session: Session, file: EntryFile, secureBoot: SecureBoot): Promise<ObservedEntry> {
  const { disk } = session.machine;
  try {
    const conf = parseBootEntry((await readSmall(disk, file.path, maxConfBytes)) ?? new Uint8Array());
    const named = [conf.linux, conf.efi, conf.uki, conf.devicetree, ...conf.initrd].filter(
      (path) => path !== undefined,
    );
    const files = await Promise.all(
      named.map(async (path) => {
        const full = joinPath(file.folder.path, path);
        return { path: full, present: (await disk.resolve(full)) !== undefined };
      }),
    );
    const facts = { title: conf.title, version: conf.version, sortKey: conf.sortKey, machineId: conf.machineId };
    const loadable = await confUnderSecureBoot(session, file, conf, secureBoot);
    return { entry: entryOf(file, 1, loadable, facts), commandLine: conf.options, files };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const facts = { title: undefined, version: undefined, sortKey: undefined, machineId: undefined };
    return {
      entry: entryOf(file, 1, { kind: "ignored", why: error.message }, facts),
      commandLine: undefined,
      files: [],
    };
  }
}

/** All entries of ESP and XBOOTLDR, in the order in which systemd-boot finds them: type 1 before UKIs, ESP first. */
export async function readBootEntries(
  session: Session,
  boot: BootFolders,
  records: Iterable<VersionRecord>,
  secureBoot: SecureBoot = { kind: "absent" },
): Promise<readonly ObservedEntry[]> {
  const digests = entryDigests(records);
  const observed: ObservedEntry[] = [];
  for (const folder of [boot.esp, boot.xbootldr]) {
    if (folder === undefined) continue;
    for (const file of await entryFiles(session, folder, "loader/entries", ".conf"))
      observed.push(await readConfEntry(session, file, secureBoot));
    for (const file of await entryFiles(session, folder, "EFI/Linux", ".efi"))
      observed.push(await readUkiEntry(session, file, digests, secureBoot));
  }
  return observed;
}
