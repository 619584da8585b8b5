// The states of a partition that is being filled (interfaces D.3): its type says partial, or what it is. One change of
// the table a state, so that any moment shows one of them.
import { instanceFields, instanceName } from "../../domain/destination.ts";
import type { Offer, Place } from "../../domain/resource.ts";
import type { Transfer } from "../../format/definitions.ts";
import { derivedType } from "../../format/partition-table.ts";
import { emptyLabel, type Partition, type PartitionChange } from "../../format/partition-table.ts";
import { flagGrowFileSystem, flagNoAuto, flagReadOnly, linuxGeneric } from "../../format/partition-types.ts";
import type { Session } from "../session.ts";

type PartitionPlace = Extract<Place, { kind: "partition" }>;

async function partitionAt(session: Session, place: PartitionPlace): Promise<Partition | undefined> {
  const table = await session.machine.volumes.readTable(place.device);
  return table.partitions.find(({ number }) => number === place.number);
}

/** Writes the change only if the table does not already say so. */
async function change(session: Session, place: PartitionPlace, wanted: PartitionChange): Promise<void> {
  const now = await partitionAt(session, place);
  const same =
    now !== undefined &&
    (wanted.type === undefined || wanted.type === now.type) &&
    (wanted.uuid === undefined || wanted.uuid === now.uuid) &&
    (wanted.label === undefined || wanted.label === now.label) &&
    (wanted.attributes === undefined || wanted.attributes === now.attributes);
  if (!same) await session.machine.volumes.changeTable(place.device, [wanted]);
}

/** Says that a slot is being filled with a version. */
export async function markSlot(
  session: Session,
  transfer: Transfer,
  offer: Offer,
  place: PartitionPlace,
): Promise<void> {
  const type = transfer.target.partitionType ?? linuxGeneric;
  await change(session, place, {
    number: place.number,
    type: derivedType(type, "partial", (key, message) => session.machine.digest.hmacSha256(key, message)),
    label: instanceName(transfer, offer),
  });
}

/** Attribute bits as the definition and the source's name want them: single bits override the whole. */
function attributesOf(transfer: Transfer, offer: Offer, before: bigint): bigint {
  const fields = instanceFields(transfer, offer);
  let bits = fields.partitionFlags ?? before;
  const set = (flag: bigint, on: boolean | undefined): void => {
    if (on !== undefined) bits = on ? bits | flag : bits & ~flag;
  };
  set(flagNoAuto, fields.noAuto);
  set(flagReadOnly, fields.readOnly);
  set(flagGrowFileSystem, fields.growFileSystem);
  return bits;
}

/** Gives a full and proven slot its real type, identity and flags: from now on it is the version's. */
export async function publishSlot(
  session: Session,
  transfer: Transfer,
  offer: Offer,
  place: PartitionPlace,
): Promise<void> {
  const now = await partitionAt(session, place);
  const uuid = instanceFields(transfer, offer).partitionUuid;
  await change(session, place, {
    number: place.number,
    type: transfer.target.partitionType ?? linuxGeneric,
    label: instanceName(transfer, offer),
    ...(uuid === undefined ? {} : { uuid }),
    attributes: attributesOf(transfer, offer, now?.attributes ?? 0n),
  });
}

/** Frees a slot. Its bytes stay until something is written there; nothing finds them. */
export async function emptySlot(session: Session, transfer: Transfer, place: PartitionPlace): Promise<void> {
  await change(session, place, {
    number: place.number,
    type: transfer.target.partitionType ?? linuxGeneric,
    label: emptyLabel,
  });
}

/** What an instance in a slot is called in the stamp of its record. */
function slotStamp(partition: Pick<Partition, "label" | "uuid" | "startSector" | "sizeSectors">): string {
  return `${partition.label} ${partition.uuid} ${partition.startSector}+${partition.sizeSectors}`;
}

export async function stampOfSlot(session: Session, place: PartitionPlace): Promise<string | undefined> {
  const partition = await partitionAt(session, place);
  return partition === undefined ? undefined : slotStamp(partition);
}
