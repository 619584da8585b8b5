// The durable facts of one component below /var/lib/holdfast (DESIGN, contracts; P7).
import type { Version } from "../../base/ids.ts";
import { isVersion } from "../../base/ids.ts";
import { folderOf } from "../../base/machine-path.ts";
import type {
  CheckRecord,
  FloorRecord,
  HoldRecord,
  PinRecord,
  QuarantineRecord,
  VersionRecord,
} from "../../domain/records.ts";
import {
  checkSchema,
  decodeRecord,
  floorSchema,
  holdSchema,
  pinSchema,
  quarantineSchema,
  type Schema,
  versionSchema,
} from "../../wire/state.ts";
import type { Session } from "../session.ts";
import { listIfThere, readText, removeIfThere, writeDurably } from "./small-file.ts";

const root = "/var/lib/holdfast";

/** Everything that was remembered, as far as it could be read. */
export interface Facts {
  readonly versions: ReadonlyMap<Version, VersionRecord>;
  readonly quarantine: ReadonlyMap<Version, QuarantineRecord>;
  readonly pins: ReadonlySet<Version>;
  readonly hold: HoldRecord | undefined;
  readonly floor: FloorRecord;
  readonly lastCheck: CheckRecord | undefined;
}

/** Of a machine that is new. */
export const noFacts: Facts = {
  versions: new Map(),
  quarantine: new Map(),
  pins: new Set(),
  hold: undefined,
  floor: { format: 1, sources: {} },
  lastCheck: undefined,
};

/** Folder of the facts: components have one each, so that they never judge each other's versions. */
export function stateFolder(session: Session): string {
  const component = session.settings.component;
  return component === undefined ? root : `${root}/components/${component}`;
}

/** Folder for what is downloaded before it goes into a partition. */
export function stagingFolder(session: Session): string {
  return `${stateFolder(session)}/staging`;
}

/** A reading that fails is taken once more. */
async function readRecord<T>(
  session: Session,
  schema: Schema<T>,
  path: string,
  readings: number = 2,
): Promise<T | undefined> {
  try {
    const text = await readText(session.machine.disk, path);
    return text === undefined ? undefined : decodeRecord(schema, text);
  } catch {
    if (readings > 1) return readRecord(session, schema, path, readings - 1);
    return undefined; // a fact that cannot be read is lost, and losing it is harmless (P7)
  }
}

async function readAll<T>(session: Session, schema: Schema<T>, kind: string): Promise<ReadonlyMap<Version, T>> {
  const folder = `${stateFolder(session)}/${kind}`;
  const found = new Map<Version, T>();
  for (const item of await listIfThere(session.machine.disk, folder)) {
    const name = item.name.endsWith(".json") ? item.name.slice(0, -".json".length) : "";
    if (item.kind !== "file" || name.startsWith(".") || !isVersion(name)) continue;
    const record = await readRecord(session, schema, `${folder}/${item.name}`);
    if (record !== undefined) found.set(name, record);
  }
  return found;
}

export async function readFacts(session: Session): Promise<Facts> {
  const folder = stateFolder(session);
  return {
    versions: await readAll(session, versionSchema, "versions"),
    quarantine: await readAll(session, quarantineSchema, "quarantine"),
    pins: new Set((await readAll(session, pinSchema, "pins")).keys()),
    hold: await readRecord(session, holdSchema, `${folder}/hold.json`),
    floor: (await readRecord(session, floorSchema, `${folder}/floor.json`)) ?? { format: 1, sources: {} },
    lastCheck: await readRecord(session, checkSchema, `${folder}/last-check.json`),
  };
}

async function write(session: Session, name: string, record: object): Promise<void> {
  const text = `${JSON.stringify(record, undefined, 1)}\n`;
  await writeDurably(session.machine.disk, session.machine.entropy, `${stateFolder(session)}/${name}`, text);
}

async function forget(session: Session, name: string): Promise<void> {
  const { disk } = session.machine;
  const path = `${stateFolder(session)}/${name}`;
  if ((await disk.stat(path)) === undefined) return;
  await removeIfThere(disk, path);
  await disk.syncFolder(folderOf(path));
}

export async function saveVersion(session: Session, record: VersionRecord): Promise<void> {
  await write(session, `versions/${record.version}.json`, record);
}

export async function forgetVersion(session: Session, version: Version): Promise<void> {
  await forget(session, `versions/${version}.json`);
}

export async function saveQuarantine(session: Session, record: QuarantineRecord): Promise<void> {
  await write(session, `quarantine/${record.version}.json`, record);
}

export async function liftQuarantine(session: Session, version: Version): Promise<void> {
  await forget(session, `quarantine/${version}.json`);
}

export async function savePin(session: Session, record: PinRecord): Promise<void> {
  await write(session, `pins/${record.version}.json`, record);
}

export async function removePin(session: Session, version: Version): Promise<void> {
  await forget(session, `pins/${version}.json`);
}

export async function saveHold(session: Session, record: HoldRecord | undefined): Promise<void> {
  if (record === undefined) await forget(session, "hold.json");
  else await write(session, "hold.json", record);
}

export async function saveFloor(session: Session, record: FloorRecord): Promise<void> {
  await write(session, "floor.json", record);
}

export async function saveLastCheck(session: Session, record: CheckRecord): Promise<void> {
  await write(session, "last-check.json", record);
}
