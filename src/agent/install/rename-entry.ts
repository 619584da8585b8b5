// Gives a boot entry another counter by renaming it, the way boot loader and bless-boot do (D.8; disk model: FAT).
import { Fault } from "../../base/fault.ts";
import { folderOf, joinPath } from "../../base/machine-path.ts";
import type { BootEntry } from "../../domain/boot-graph.ts";
import { digestFile } from "../acquire/digest-file.ts";
import type { Session } from "../session.ts";
import { removeIfThere } from "../state/small-file.ts";
import { renameFile } from "./rename-file.ts";

export type RenameEntryFaultCode = "entry-name-taken" | "entry-not-renamed";

/** A copy of an entry on its way to another name; one at a time, under the lock. */
export const copyName = ".holdfast-rename";
/** For the folder, and what others write meanwhile. */
const spareBytes = 1024 * 1024;

async function writeCopy({ machine: { disk } }: Session, entry: BootEntry, copy: string): Promise<void> {
  await using source = await disk.open(entry.path, "read");
  await using target = await disk.open(copy, "create");
  const piece = new Uint8Array(1024 * 1024);
  for (let at = 0; at < entry.sizeBytes; ) {
    const length = await source.read(at, piece);
    if (length === 0) break;
    await target.write(at, piece.subarray(0, length));
    at += length;
  }
  await target.sync();
}

async function digestOf(session: Session, path: string): Promise<string> {
  await using file = await session.machine.disk.open(path, "medium");
  return await digestFile(session, file, undefined);
}

/** A power cut can cost a FAT volume both names of a rename: where there is room, a copy gets the new name first. */
async function renameByCopy(session: Session, entry: BootEntry, path: string): Promise<boolean> {
  const { disk } = session.machine;
  const folder = folderOf(entry.path);
  const { type, availableBytes } = await disk.fileSystem(folder);
  if (type !== "vfat" || availableBytes < entry.sizeBytes + spareBytes) return false;
  const copy = joinPath(folder, copyName);
  if ((await disk.stat(copy)) !== undefined) {
    await disk.remove(copy);
    // Gone for sure before the name is used again: of two names that are the same fsck.fat makes FSCK0000.REN.
    await disk.syncFolder(folder);
  }
  try {
    await writeCopy(session, entry, copy);
  } catch (error) {
    if (!(error instanceof Fault && error.code === "no-space")) throw error;
    // Somebody else took the room meanwhile. The rename that follows flushes this too.
    await removeIfThere(disk, copy);
    return false;
  }
  // Its bytes are flushed. Its hidden name need not be: the old name stays until the new one is durable.
  if ((await digestOf(session, copy)) !== (await digestOf(session, entry.path))) {
    await removeIfThere(disk, copy);
    throw new Fault<RenameEntryFaultCode>(
      "entry-not-renamed",
      `Cannot rename ${entry.path}: a copy of it reads back with other bytes`,
      { hint: "It is where it was. Try again; if it goes on, the medium fails.", retriable: true },
    );
  }
  await renameFile(session, copy, path);
  await disk.remove(entry.path);
  await disk.syncFolder(folder);
  return true;
}

/** Renames within the folder, flushed, and looks whether exactly the new name is there. Returns the new path. */
export async function renameEntry(session: Session, entry: BootEntry, fileName: string): Promise<string> {
  const { disk } = session.machine;
  const folder = folderOf(entry.path);
  const path = joinPath(folder, fileName);
  if (path === entry.path) return path;
  if ((await disk.stat(path)) !== undefined) {
    throw new Fault<RenameEntryFaultCode>(
      "entry-name-taken",
      `Cannot rename ${entry.path}: ${fileName} is there already`,
      {
        hint: "Two names of one entry: run holdfast doctor --repair. Delete neither of them by hand.",
        kind: "refused",
      },
    );
  }
  if (!(await renameByCopy(session, entry, path))) await renameFile(session, entry.path, path);
  const [old, renamed] = [await disk.stat(entry.path), await disk.stat(path)];
  if (old !== undefined || renamed?.sizeBytes !== entry.sizeBytes) {
    throw new Fault<RenameEntryFaultCode>(
      "entry-not-renamed",
      `Cannot trust ${folder}: after renaming, ${entry.fileName} ${old === undefined ? "is gone" : "is still there"} and ${fileName} ${renamed === undefined ? "is not" : "is there"}`,
      {
        hint: "Run holdfast doctor --repair, which checks the file system first.",
      },
    );
  }
  return path;
}
