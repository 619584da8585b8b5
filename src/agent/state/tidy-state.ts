// What a power cut left in the state folder: halves of small files, records of versions that are gone (P6, P7).
import type { Version } from "../../base/ids.ts";
import { joinPath } from "../../base/machine-path.ts";
import type { VersionRecord } from "../../domain/records.ts";
import { samePlace } from "../../domain/resource.ts";
import { decodeRecord, partialSchema } from "../../wire/state.ts";
import { closeEsp, openEsp } from "../install/esp-guard.ts";
import { removeElsewhere } from "../install/clear.ts";
import { finishLeaving } from "../install/elsewhere.ts";
import { removeForgottenFolders } from "../install/empty-folders.ts";
import type { Observation } from "../observe/observe.ts";
import { copyName } from "../install/rename-entry.ts";
import type { Session } from "../session.ts";
import { listIfThere, readText, removeIfThere } from "./small-file.ts";
import { forgetVersion, stagingFolder, stateFolder } from "./state.ts";

/** As small-file.ts names them before they get their name. */
const temporary = /^\..+\.[0-9a-f]{12}$/;
const kinds = ["", "versions", "quarantine", "pins", "staging", "manifests"];

async function removeHalves(session: Session, folder: string): Promise<void> {
  const { disk } = session.machine;
  for (const { name, kind } of await listIfThere(disk, folder)) {
    if (kind === "file" && temporary.test(name)) await removeIfThere(disk, joinPath(folder, name));
  }
}

/** Whether anything of a recorded version is still here, under today's definitions or elsewhere. */
async function isHere(session: Session, { situation }: Observation, record: VersionRecord): Promise<boolean> {
  const instances = [...situation.inventory.instances, ...situation.disabled.instances];
  if (instances.some(({ version }) => version === record.version)) return true;
  if (situation.graph.nodes.some(({ version }) => version === record.version)) return true;
  for (const { place } of record.resources) {
    if (place.kind !== "partition" && (await session.machine.disk.stat(place.path)) !== undefined) return true;
  }
  return false;
}

/** How far a slot had been filled says nothing once the slot is no longer half full. */
async function removeOldPartials(session: Session, { situation }: Observation): Promise<void> {
  const { disk } = session.machine;
  const folder = stagingFolder(session);
  const half = [...situation.inventory.leftovers, ...situation.disabled.leftovers];
  for (const { name } of await listIfThere(disk, folder)) {
    if (!/^[0-9a-f]{16}\.json$/.test(name)) continue;
    const text = await readText(disk, joinPath(folder, name)).catch(() => undefined);
    const partial = text === undefined ? undefined : decodeRecord(partialSchema, text);
    if (partial === undefined || !half.some(({ place }) => samePlace(place, partial.place)))
      await removeIfThere(disk, joinPath(folder, name));
  }
}

/** A rename of an entry that was cut off: its first name is still there. */
async function removeCopies(session: Session, observation: Observation): Promise<void> {
  const { disk } = session.machine;
  for (const root of [observation.boot.esp, observation.boot.xbootldr]) {
    for (const below of root === undefined ? [] : ["EFI/Linux", "loader/entries"]) {
      const folder = joinPath(root?.path ?? "/", below);
      const path = joinPath(folder, copyName);
      if ((await disk.stat(path)) === undefined) continue;
      await openEsp(session, observation);
      await disk.remove(path);
      await disk.syncFolder(folder);
      await closeEsp(session, observation);
    }
  }
}

/**
 * Under the lock only: a half of ours is nobody's, since everyone else who writes here is dead. Returns whether a
 * version was forgotten.
 */
export async function tidyState(session: Session, observation: Observation): Promise<boolean> {
  const root = stateFolder(session);
  for (const kind of kinds) await removeHalves(session, kind === "" ? root : `${root}/${kind}`);
  for (const { name, kind } of await listIfThere(session.machine.disk, `${root}/manifests`))
    if (kind === "folder") await removeHalves(session, `${root}/manifests/${name}`);
  await removeForgottenFolders(session, observation);
  const finished = await finishLeaving(session, observation, (place) => removeElsewhere(session, place));
  const gone: Version[] = [];
  for (const record of observation.facts.versions.values())
    if (!(await isHere(session, observation, record))) gone.push(record.version);
  for (const version of gone) await forgetVersion(session, version);
  await removeOldPartials(session, observation);
  await removeCopies(session, observation);
  return finished || gone.length > 0;
}
