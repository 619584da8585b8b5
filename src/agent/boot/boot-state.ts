// What is remembered of boots, read and written durably below the state folder (P7, P8).
import { folderOf } from "../../base/machine-path.ts";
import type {
  BootSeen,
  BootsRecord,
  FellBackRecord,
  FineUnitsRecord,
  TrialSeen,
  TryRecord,
} from "../../domain/boot/boot-record.ts";
import { withBoot } from "../../domain/boot/boot-record.ts";
import { bootsSchema, fellBackSchema, fineUnitsSchema, trialsSchema, trySchema } from "../../wire/boot-state.ts";
import { decodeRecord, type Schema } from "../../wire/state.ts";
import type { Session } from "../session.ts";
import { readText, removeIfThere, writeDurably } from "../state/small-file.ts";
import { stateFolder } from "../state/state.ts";

function pathOf(session: Session, name: string): string {
  return `${stateFolder(session)}/boot/${name}.json`;
}

/** A reading that fails, or makes no sense, is taken once more; what cannot be read then is lost, which is harmless (P7). */
async function read<T>(session: Session, name: string, schema: Schema<T>, readings = 2): Promise<T | undefined> {
  let found: T | undefined;
  try {
    const text = await readText(session.machine.disk, pathOf(session, name));
    if (text === undefined) return undefined;
    found = decodeRecord(schema, text);
  } catch {
    found = undefined;
  }
  return found === undefined && readings > 1 ? read(session, name, schema, readings - 1) : found;
}

/** One that says the same already is not written again. */
async function write(session: Session, name: string, record: object): Promise<void> {
  const { disk, entropy } = session.machine;
  const text = `${JSON.stringify(record, undefined, 1)}\n`;
  const path = pathOf(session, name);
  if ((await readText(disk, path).catch(() => undefined)) === text) return;
  await writeDurably(disk, entropy, path, text);
}

/** Flushed, so that a power cut does not bring back what is over: no command leaves anything undecided behind. */
async function forget(session: Session, name: string): Promise<void> {
  const { disk } = session.machine;
  const path = pathOf(session, name);
  if ((await disk.stat(path)) === undefined) return;
  await removeIfThere(disk, path);
  await disk.syncFolder(folderOf(path));
}

export async function readBoots(session: Session): Promise<BootsRecord> {
  return (await read(session, "boots", bootsSchema)) ?? { format: 1, boots: [] };
}

export async function saveBoots(session: Session, record: BootsRecord): Promise<void> {
  await write(session, "boots", record);
}

export async function noteBoot(session: Session, boot: BootSeen): Promise<void> {
  await saveBoots(session, withBoot(await readBoots(session), boot));
}

export async function readTrials(session: Session): Promise<readonly TrialSeen[]> {
  return (await read(session, "trials", trialsSchema))?.trials ?? [];
}

export async function saveTrials(session: Session, trials: readonly TrialSeen[]): Promise<void> {
  if (trials.length === 0) await forget(session, "trials");
  else await write(session, "trials", { format: 1, trials });
}

export async function readTry(session: Session): Promise<TryRecord | undefined> {
  return read(session, "try", trySchema);
}

export async function saveTry(session: Session, record: TryRecord | undefined): Promise<void> {
  if (record === undefined) await forget(session, "try");
  else await write(session, "try", record);
}

export async function readFineUnits(session: Session): Promise<FineUnitsRecord | undefined> {
  return read(session, "units", fineUnitsSchema);
}

export async function saveFineUnits(session: Session, record: FineUnitsRecord): Promise<void> {
  await write(session, "units", record);
}

export async function readFellBack(session: Session): Promise<FellBackRecord | undefined> {
  return read(session, "fell-back", fellBackSchema);
}

export async function saveFellBack(session: Session, record: FellBackRecord | undefined): Promise<void> {
  if (record === undefined) await forget(session, "fell-back");
  else await write(session, "fell-back", record);
}
