// A FAT volume in doubt is checked before anything on it is deleted or renamed (disk model; P11): two names of one
// resource share one cluster chain, and removing either destroys both.
import { Fault } from "../../base/fault.ts";
import { folderOf, joinPath } from "../../base/machine-path.ts";
import type { BootEntry } from "../../domain/boot-graph.ts";
import type { EspOpenRecord } from "../../domain/records.ts";
import type { FileSystem } from "../../port/disk.ts";
import { decodeRecord, espOpenSchema } from "../../wire/state.ts";
import type { Observation } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { listIfThere, readText, removeIfThere, writeDurably } from "../state/small-file.ts";
import { stateFolder } from "../state/state.ts";

export type EspGuardFaultCode = "esp-in-doubt";

/** Present while our own changes to a FAT volume are under way: after a crash it tells the next run to check first. */
function markerPath(session: Session): string {
  return `${stateFolder(session)}/esp-open.json`;
}

/** Those that hold a target: a component without one on the ESP has no business there, whatever its state. */
function fatVolumes({ fileSystems, situation }: Observation): readonly FileSystem[] {
  const used = new Set([...situation.targets.values()].map(({ fileSystem }) => fileSystem));
  return fileSystems.filter(({ type, id }) => type === "vfat" && used.has(id));
}

/** Entries that differ in their counter only, one of ours among them: a rename that a crash cut in two. Others' are theirs (P11). */
export function twinGroups({ situation }: Observation): readonly (readonly BootEntry[])[] {
  const keyOf = ({ where, type, id }: BootEntry): string => `${where} ${type} ${id.toLowerCase()}`;
  const groups = Map.groupBy(situation.graph.nodes, ({ entry }) => keyOf(entry));
  return [...groups.values()]
    .filter((group) => group.length > 1 && group.some(({ version }) => version !== undefined))
    .map((group) => group.map(({ entry }) => entry));
}

/**
 * Whether power was lost in the middle of a change of ours. A Holdfast that was killed leaves the marker too, but not
 * the doubt: what it wrote is in the kernel's hands, and the volume must not be unmounted for nothing.
 */
async function wasCutOff(session: Session): Promise<boolean> {
  const { disk, process } = session.machine;
  if ((await disk.stat(markerPath(session))) === undefined) return false;
  const text = await readText(disk, markerPath(session)).catch(() => undefined);
  const marker = text === undefined ? undefined : decodeRecord(espOpenSchema, text);
  return marker?.bootId === undefined || marker.bootId !== (await process.bootId());
}

/** Why the FAT volumes cannot be trusted as they are; nothing where they can. */
export async function doubts(session: Session, observation: Observation): Promise<readonly string[]> {
  const volumes = fatVolumes(observation);
  if (volumes.length === 0) return [];
  const reasons: string[] = [];
  if (await wasCutOff(session)) reasons.push("an earlier change to it was cut off");
  for (const twins of twinGroups(observation))
    reasons.push(`${twins.map(({ path }) => path).join(" and ")} are two names of one entry`);
  for (const volume of volumes) {
    const health = await session.machine.volumes.health(volume);
    if (health.kind === "dirty") reasons.push(...health.findings);
  }
  return reasons;
}

/** What fsck.fat -a makes of clusters that no name leads to: `FSCK0000.REC` in the root of the volume. */
export async function recoveredFiles(session: Session, observation: Observation): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { mountPoint } of fatVolumes(observation)) {
    for (const { name } of await listIfThere(session.machine.disk, mountPoint))
      if (/^FSCK\d{4}\.REC$/i.test(name)) found.push(joinPath(mountPoint, name));
  }
  return found;
}

/**
 * Pieces that came to light since a change of ours was cut off are pieces of that change. Without a change of ours
 * they are someone else's, and stay.
 */
async function removeOwnPieces(session: Session, observation: Observation): Promise<void> {
  const { disk } = session.machine;
  const text = await readText(disk, markerPath(session)).catch(() => undefined);
  const marker = text === undefined ? undefined : decodeRecord(espOpenSchema, text);
  if (marker?.recovered === undefined) return;
  for (const path of await recoveredFiles(session, observation)) {
    if (marker.recovered.includes(path)) continue;
    await removeIfThere(disk, path);
    await disk.syncFolder(folderOf(path));
  }
}

/** Repairs FAT volumes in doubt. Returns whether anything was done, so that the caller looks afresh. */
export async function settleVolumes(session: Session, observation: Observation): Promise<boolean> {
  const reasons = await doubts(session, observation);
  if (reasons.length === 0) {
    await closeLeftOpen(session, observation);
    return false;
  }
  for (const volume of fatVolumes(observation)) {
    session.machine.progress.report({
      kind: "note",
      text: `Checking the file system at ${volume.mountPoint} first: ${reasons[0]}`,
    });
    const health = await session.machine.volumes.repair(volume);
    if (health.kind === "dirty") {
      throw new Fault<EspGuardFaultCode>(
        "esp-in-doubt",
        `Cannot change anything at ${volume.mountPoint}: its file system is damaged (${health.findings[0] ?? reasons[0]})`,
        {
          hint: `Unmount it, run fsck.fat -a ${volume.device ?? "on its device"}, and try again.`,
          kind: "refused",
        },
      );
    }
  }
  await removeOwnPieces(session, observation);
  await removeIfThere(session.machine.disk, markerPath(session));
  return true;
}

/** Marks that FAT is about to be changed. Without FAT there is nothing to mark. */
export async function openEsp(session: Session, observation: Observation): Promise<void> {
  if (fatVolumes(observation).length === 0) return;
  const recovered = await recoveredFiles(session, observation);
  const { disk, entropy, process } = session.machine;
  const bootId = await process.bootId();
  const marker: EspOpenRecord = { format: 1, recovered, ...(bootId === undefined ? {} : { bootId }) };
  await writeDurably(disk, entropy, markerPath(session), `${JSON.stringify(marker)}\n`);
}

/** All changes to FAT are flushed; the next run need not check. */
export async function closeEsp(session: Session, observation: Observation): Promise<void> {
  if (fatVolumes(observation).length === 0) return;
  await removeIfThere(session.machine.disk, markerPath(session));
  await session.machine.disk.syncFolder(stateFolder(session));
}

/** A run gave up with the mark set: what it did is flushed now, and then in no doubt any more. */
async function closeLeftOpen(session: Session, observation: Observation): Promise<void> {
  const { disk } = session.machine;
  if ((await disk.stat(markerPath(session))) === undefined) return;
  const volumes = new Set(fatVolumes(observation).map(({ id }) => id));
  for (const { fileSystem, folder } of observation.situation.targets.values())
    if (volumes.has(fileSystem) && (await disk.stat(folder))?.kind === "folder") await disk.syncFolder(folder);
  await closeEsp(session, observation);
}

/** What the disk itself refused leaves doubt; a download that failed does not. */
const doubtful: ReadonlySet<string> = new Set([
  "io-error",
  "read-only",
  "no-permission",
  "no-space",
  "flush-failed",
  "read-back-differs",
  "entry-not-renamed",
]);

/** Takes the mark away when `work` gives up in good order: nothing that it did to FAT is left unflushed or unknown. */
export async function closingEsp<T>(session: Session, observation: Observation, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Fault && !doubtful.has(error.code)) await closeLeftOpen(session, observation);
    throw error;
  }
}
