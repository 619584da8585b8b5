// The small files on the ESP through which initrd and agent talk (EFI/holdfast): read whole, written as FAT allows (P8).
import { Fault } from "../../base/fault.ts";
import { folderOf, joinPath } from "../../base/machine-path.ts";
import { toBytes } from "../../base/text.ts";
import { type FailureLine, failuresBytesMax, parseFailures } from "../../format/failures-file.ts";
import { formatKnownGood, knownGoodBytesMax, parseKnownGood } from "../../format/known-good-file.ts";
import { renameFile } from "../install/rename-file.ts";
import type { Observation } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { makeFolders, readSmall, removeIfThere } from "../state/small-file.ts";

function pathOf({ boot }: Observation, name: string): string | undefined {
  return boot.esp === undefined ? undefined : joinPath(boot.esp.path, `EFI/holdfast/${name}`);
}

/** A reading that fails is taken once more. A file too large to be one of these says nothing. */
async function readNote(
  session: Session,
  path: string | undefined,
  bytesMax: number,
  readings = 2,
): Promise<Uint8Array | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readSmall(session.machine.disk, path, 2 * bytesMax);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.code === "too-large") return new Uint8Array();
    if (readings > 1) return readNote(session, path, bytesMax, readings - 1);
    throw error;
  }
}

export async function readFailures(session: Session, observation: Observation): Promise<readonly FailureLine[]> {
  const bytes = await readNote(session, pathOf(observation, "failures.txt"), failuresBytesMax);
  return parseFailures(bytes ?? new Uint8Array());
}

export async function hasFailures(session: Session, observation: Observation): Promise<boolean> {
  const path = pathOf(observation, "failures.txt");
  return path !== undefined && (await session.machine.disk.stat(path)) !== undefined;
}

/** What it said is in the journal by now. Call it between openEsp and closeEsp. */
export async function removeFailures(session: Session, observation: Observation): Promise<void> {
  const path = pathOf(observation, "failures.txt");
  if (path === undefined) return;
  await removeIfThere(session.machine.disk, path);
  await session.machine.disk.syncFolder(folderOf(path));
}

export async function readKnownGood(session: Session, observation: Observation): Promise<readonly string[]> {
  const bytes = await readNote(session, pathOf(observation, "known-good.txt"), knownGoodBytesMax);
  return parseKnownGood(bytes ?? new Uint8Array());
}

/**
 * Beside, then renamed where the old one was, and flushed: on FAT nothing is renamed over another. A cut in between costs
 * the list, and the initrd then goes by the order of versions. Call it between openEsp and closeEsp.
 */
export async function writeKnownGood(
  session: Session,
  observation: Observation,
  ids: readonly string[],
): Promise<void> {
  const { disk } = session.machine;
  const path = pathOf(observation, "known-good.txt");
  if (path === undefined) return;
  const folder = folderOf(path);
  const beside = joinPath(folder, ".holdfast-known-good");
  await makeFolders(disk, folder);
  await removeIfThere(disk, beside);
  await writeBeside(session, beside, formatKnownGood(ids));
  if ((await disk.stat(path)) !== undefined) {
    await disk.remove(path);
    await disk.syncFolder(folder);
  }
  await renameFile(session, beside, path);
}

async function writeBeside({ machine: { disk } }: Session, path: string, text: string): Promise<void> {
  await using file = await disk.open(path, "create");
  await file.write(0, toBytes(text));
}
