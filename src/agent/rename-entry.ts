// Gives a boot entry another counter by renaming it, the way boot loader and bless-boot do (D.8; disk model: FAT).
import { Fault } from "../base/fault.ts";
import { folderOf, joinPath } from "../base/machine-path.ts";
import type { BootEntry } from "../domain/boot-graph.ts";
import type { Session } from "./session.ts";

export type RenameEntryFaultCode = "entry-name-taken" | "entry-not-renamed";

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
  await disk.rename(entry.path, path);
  await disk.syncFolder(folder);
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
