// Renames a file so that the new name leads to its bytes for sure, on FAT too (disk model).
import type { MachinePath } from "../../port/disk.ts";
import { folderOf } from "../../base/machine-path.ts";
import type { Session } from "../session.ts";

/**
 * Renames where nothing has the name yet, and flushes. Linux's vfat writes the new name without clusters and size, and
 * adds them with the inode: flushing the folder alone leaves an empty file there, and of the old name nothing. So the
 * file is flushed first.
 */
export async function renameFile(session: Session, from: MachinePath, to: MachinePath): Promise<void> {
  const { disk } = session.machine;
  const folder = folderOf(to);
  await disk.rename(from, to);
  if ((await disk.fileSystem(folder)).type === "vfat") {
    await using file = await disk.open(to, "modify");
    await file.sync();
  }
  await disk.syncFolder(folder);
}
