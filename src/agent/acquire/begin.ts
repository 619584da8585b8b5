// Before anything goes to make room: does the file system take a file at all? btrfs can be full while it tells of free
// bytes, and what was removed then does not help (P3). What is made is the beginning of the download itself.
import { folderOf, joinPath } from "../../base/machine-path.ts";
import type { Plan } from "../../domain/plan.ts";
import type { Situation } from "../../domain/situation.ts";
import { stagingName } from "../../format/leftover-name.ts";
import type { Session } from "../session.ts";
import { makeFolders } from "../state/small-file.ts";

/**
 * Makes the staging files of the plan's images that are not there yet. An ESP is left out: FAT takes a name wherever its
 * folder has room, and may need what goes for that. Throws what the file system says, `no-space` as a rule.
 */
export async function beginDownloads(session: Session, { targets }: Situation, { steps }: Plan): Promise<void> {
  const { disk } = session.machine;
  for (const step of steps) {
    if (step.kind !== "acquire" || step.destination.role !== "image" || step.destination.place.kind !== "file")
      continue;
    const target = targets.get(step.offer.transfer);
    if (target === undefined || step.offer.sha256 === undefined) continue;
    const path = joinPath(target.stagingFolder, stagingName(step.offer.sha256));
    if ((await disk.stat(path)) !== undefined) continue;
    await makeFolders(disk, folderOf(path));
    await using _file = await disk.open(path, "create");
    await disk.syncFolder(folderOf(path));
  }
}
