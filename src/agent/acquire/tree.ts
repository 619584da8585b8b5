// Whole trees (folders and subvolumes): unpacking, copying, listing and removing them, every file flushed.
import { Fault } from "../../base/fault.ts";
import type { Sha256 } from "../../base/ids.ts";
import { folderOf, joinPath } from "../../base/machine-path.ts";
import type { Place } from "../../domain/resource.ts";
import { parseLeftover, stagingName } from "../../format/leftover-name.ts";
import { formatTreeListing, type TreeItem } from "../../format/tree-listing.ts";
import type { TarItem } from "../../port/decoder.ts";
import { digestFile } from "./digest-file.ts";
import { streamFile } from "./stream-file.ts";
import type { Session } from "../session.ts";
import { makeFolders } from "../state/small-file.ts";

export type TreeFaultCode = "not-a-tree-item" | "too-many-files";

type TreePlace = Extract<Place, { kind: "tree" }>;

/** Beyond this a listing no longer fits the memory that an update may take. */
const maxItems = 400_000;

function digestOf(session: Session, items: readonly TreeItem[]): Sha256 {
  const hasher = session.machine.digest.sha256();
  hasher.update(formatTreeListing(items));
  return hasher.finish();
}

async function makeRoot(session: Session, place: TreePlace): Promise<void> {
  await makeFolders(session.machine.disk, folderOf(place.path));
  await (place.subvolume
    ? session.machine.disk.makeSubvolume(place.path)
    : session.machine.disk.makeFolder(place.path));
}

interface FileFacts {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeUs: bigint;
}

/** Writes one file, flushed, and returns the digest of what was written. Ownership is kept where we may set it. */
async function writeFile(
  session: Session,
  path: string,
  facts: FileFacts,
  content: AsyncIterable<Uint8Array>,
): Promise<Sha256> {
  const { disk, digest, process } = session.machine;
  const hasher = digest.sha256();
  await using file = await disk.open(path, "create");
  let offset = 0;
  for await (const piece of content) {
    session.signal.throwIfAborted();
    await file.write(offset, piece);
    hasher.update(piece);
    offset += piece.length;
  }
  if (process.isRoot) await file.setOwner(facts.uid, facts.gid);
  await file.setMode(facts.mode);
  await file.setTime(facts.mtimeUs);
  await file.sync();
  return hasher.finish();
}

/** Collects what was written, in the terms of the canonical listing; metadata as the disk has it. */
class Listing {
  readonly #session: Session;
  readonly #root: string;
  readonly #digests = new Map<string, Sha256>();

  constructor(session: Session, root: string) {
    this.#session = session;
    this.#root = root;
  }

  file(path: string, sha256: Sha256): void {
    this.#digests.set(path, sha256);
    if (this.#digests.size > maxItems)
      throw new Fault<TreeFaultCode>(
        "too-many-files",
        `Cannot unpack ${this.#root}: it has more than ${maxItems} files`,
      );
  }

  digestOf(path: string): Sha256 | undefined {
    return this.#digests.get(path);
  }

  async finish(): Promise<Sha256> {
    const items = await listItems(this.#session, this.#root, async (path) => this.#digests.get(path));
    return digestOf(this.#session, items);
  }
}

/** Unpacks an archive whose bytes have been proven into a new tree. Returns the digest of its listing. */
export async function unpackTree(session: Session, items: AsyncIterable<TarItem>, place: TreePlace): Promise<Sha256> {
  const { disk } = session.machine;
  await makeRoot(session, place);
  const listing = new Listing(session, place.path);
  const folders = new Map<string, TarItem & { kind: "folder" }>();
  for await (const item of items) {
    const path = item.path === "" || item.path === "." ? place.path : joinPath(place.path, item.path);
    if (path !== place.path) {
      await ensureFolder(session, place.path, folderOf(path));
      await makeWay(session, path, item);
    }
    if (item.kind === "folder") {
      if (path !== place.path && (await disk.stat(path)) === undefined) await disk.makeFolder(path);
      folders.set(path, item);
    } else if (item.kind === "file") listing.file(path, await writeFile(session, path, item, item.content));
    else if (item.kind === "symlink") await makeLink(session, path, item.target, item);
    else {
      const existing = joinPath(place.path, item.target);
      // A link of the archive's own must not lead the hard link out of the tree.
      await ensureFolder(session, place.path, folderOf(existing));
      await disk.hardLink(existing, path);
      const sha256 = listing.digestOf(existing);
      if (sha256 !== undefined) listing.file(path, sha256);
    }
  }
  await finishFolders(session, place.path, folders);
  return listing.finish();
}

/** As tar does it, a later item takes the place of an earlier one of its name; a folder stays what it is. */
async function makeWay(session: Session, path: string, item: TarItem): Promise<void> {
  const { disk } = session.machine;
  const before = await disk.stat(path);
  if (before === undefined || (before.kind === "folder" && item.kind === "folder")) return;
  if (before.kind === "folder")
    throw new Fault<TreeFaultCode>(
      "not-a-tree-item",
      `Cannot unpack ${item.path}: the archive has a folder of that name`,
    );
  await disk.remove(path);
}

/** A link's own owner counts where we may set it, as with files. */
function makeLink(
  session: Session,
  path: string,
  target: string,
  owner: { readonly uid: number; readonly gid: number },
): Promise<void> {
  const { disk, process } = session.machine;
  return process.isRoot ? disk.symlink(target, path, owner) : disk.symlink(target, path);
}

/** Folders that an archive leaves out; only below the tree, and never through a link in it. */
async function ensureFolder(session: Session, root: string, folder: string): Promise<void> {
  if (folder === root) return;
  const { disk } = session.machine;
  await ensureFolder(session, root, folderOf(folder));
  const stat = await disk.stat(folder);
  if (stat === undefined) await disk.makeFolder(folder);
  else if (stat.kind !== "folder") {
    throw new Fault<TreeFaultCode>(
      "not-a-tree-item",
      `Cannot unpack ${folder}: the archive puts files below something that is no folder`,
    );
  }
}

/**
 * Modes last, or a read-only folder could not be filled; then every folder is flushed, the deepest first. The tree's own
 * hidden name need not be: whoever gives it its final name flushes that.
 */
async function finishFolders(
  session: Session,
  root: string,
  folders: ReadonlyMap<string, TarItem & { kind: "folder" }>,
): Promise<void> {
  const { disk, process } = session.machine;
  const all = await foldersOf(session, root);
  for (const folder of all.toReversed()) {
    const facts = folders.get(folder);
    const stat = await disk.stat(folder);
    const owner = process.isRoot && facts !== undefined ? facts : stat;
    if (facts !== undefined && owner !== undefined) await disk.setFolderMode(folder, facts.mode, owner.uid, owner.gid);
    await disk.syncFolder(folder);
  }
}

async function foldersOf(session: Session, root: string): Promise<string[]> {
  const found = [root];
  for (const item of await session.machine.disk.list(root)) {
    if (item.kind === "folder") found.push(...(await foldersOf(session, joinPath(root, item.name))));
  }
  return found;
}

/** Everything in a tree in the terms of the canonical listing. `digest` knows a file's content or reads it. */
async function listItems(
  session: Session,
  root: string,
  digest: (path: string) => Promise<Sha256 | undefined>,
): Promise<readonly TreeItem[]> {
  const { disk } = session.machine;
  const items: TreeItem[] = [];
  const visit = async (path: string, name: string): Promise<void> => {
    session.signal.throwIfAborted();
    const stat = await disk.stat(path);
    if (stat === undefined) return;
    const { mode, uid, gid } = stat;
    if (items.length >= maxItems)
      throw new Fault<TreeFaultCode>("too-many-files", `Cannot read ${root}: it has more than ${maxItems} files`);
    if (stat.kind === "file") {
      const sha256 = await digest(path);
      if (sha256 === undefined)
        throw new Fault<TreeFaultCode>("not-a-tree-item", `Cannot verify ${path}: nothing wrote it`);
      items.push({ path: name, mode, uid, gid, kind: "file", sha256 });
    } else if (stat.kind === "symlink") {
      items.push({ path: name, mode: 0o777, uid, gid, kind: "symlink", target: await disk.readLink(path) });
    } else if (stat.kind === "folder") {
      items.push({ path: name, mode, uid, gid, kind: "folder" });
      for (const item of await disk.list(path))
        await visit(joinPath(path, item.name), name === "." ? item.name : `${name}/${item.name}`);
    } else throw new Fault<TreeFaultCode>("not-a-tree-item", `Cannot use ${path}: it is no file, folder or link`);
  };
  await visit(root, ".");
  return items;
}

/** Digest of the canonical listing, every file read from the medium. */
export async function digestTree(session: Session, root: string): Promise<Sha256> {
  const items = await listItems(session, root, async (path) => {
    await using file = await session.machine.disk.open(path, "medium");
    return await digestFile(session, file, undefined);
  });
  return digestOf(session, items);
}

/** Copies a local tree. Returns the digest of the listing of the copy. */
export async function copyTree(session: Session, source: string, place: TreePlace): Promise<Sha256> {
  const { disk } = session.machine;
  await makeRoot(session, place);
  const listing = new Listing(session, place.path);
  const folders = new Map<string, TarItem & { kind: "folder" }>();
  const visit = async (from: string, to: string): Promise<void> => {
    const stat = await disk.stat(from);
    if (stat === undefined) return;
    const { mode, uid, gid, mtimeUs } = stat;
    folders.set(to, { kind: "folder", path: to, mode, uid, gid, mtimeUs });
    for (const item of await disk.list(from)) {
      const [source, target] = [joinPath(from, item.name), joinPath(to, item.name)];
      const facts = await disk.stat(source);
      if (facts === undefined) continue;
      if (item.kind === "folder") {
        await disk.makeFolder(target);
        await visit(source, target);
      } else if (item.kind === "symlink") await makeLink(session, target, await disk.readLink(source), facts);
      else if (item.kind === "file")
        listing.file(target, await writeFile(session, target, facts, streamFile(session, source)));
      else throw new Fault<TreeFaultCode>("not-a-tree-item", `Cannot copy ${source}: it is no file, folder or link`);
    }
  };
  await visit(source, place.path);
  await finishFolders(session, place.path, folders);
  return listing.finish();
}

/**
 * Takes a tree's name away in one step, then the tree: a crash in the middle leaves a half under a hidden name, and
 * never one that passes for the whole. What has a hidden name already is just removed.
 */
export async function discardTree(session: Session, path: string): Promise<void> {
  const { disk, entropy } = session.machine;
  if (parseLeftover(path.slice(path.lastIndexOf("/") + 1)) !== undefined) return removeTree(session, path);
  if ((await disk.stat(path)) === undefined) return;
  const digits = Array.from(entropy.bytes(32), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const aside = joinPath(folderOf(path), stagingName(digits));
  await disk.setReadOnly(path, false);
  await disk.rename(path, aside);
  await disk.syncFolder(folderOf(path));
  await removeTree(session, aside);
}

/** Removes a tree, if it is there. */
export async function removeTree(session: Session, path: string): Promise<void> {
  const { disk } = session.machine;
  const stat = await disk.stat(path);
  if (stat === undefined) return;
  await disk.setReadOnly(path, false);
  const empty = async (folder: string): Promise<void> => {
    for (const item of await disk.list(folder)) {
      const inside = joinPath(folder, item.name);
      if (item.kind !== "folder") await disk.remove(inside);
      else {
        await empty(inside);
        await disk.removeFolder(inside);
      }
    }
  };
  await empty(path);
  await disk.removeSubvolume(path);
  await disk.syncFolder(folderOf(path));
}
