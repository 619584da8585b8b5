// Folders that a pattern made below its target (`NAME.efi.extra.d`) go with their last file, after a power cut too (P6).
import { folderOf } from "../../base/machine-path.ts";
import { closeEsp, openEsp } from "./esp-guard.ts";
import type { Observation } from "../observe/observe.ts";
import type { Session } from "../session.ts";

/** Removes `folder` and those above it, as long as they are empty and below `top`. */
export async function removeEmptyFolders(session: Session, folder: string, top: string): Promise<void> {
  const { disk } = session.machine;
  if (folder === top || !folder.startsWith(`${top}/`)) return;
  if ((await disk.list(folder)).length > 0) return;
  await disk.removeFolder(folder);
  await disk.syncFolder(folderOf(folder));
  await removeEmptyFolders(session, folderOf(folder), top);
}

/** What a power cut between a file and its folder left: the version's record still says where the file was. */
export async function removeForgottenFolders(session: Session, observation: Observation): Promise<void> {
  const { disk } = session.machine;
  const { situation, facts } = observation;
  for (const { resources } of facts.versions.values()) {
    for (const { place, transfer } of resources) {
      const top = situation.targets.get(transfer)?.folder;
      if (place.kind !== "file" || top === undefined) continue;
      const folder = folderOf(place.path);
      if (folder === top || (await disk.stat(folder))?.kind !== "folder") continue;
      if ((await disk.list(folder)).length > 0) continue;
      await openEsp(session, observation);
      await removeEmptyFolders(session, folder, top);
      await closeEsp(session, observation);
    }
  }
}
