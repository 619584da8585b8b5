// GPT partition tables as sfdisk reads and writes them, and systemd's type UUIDs for unfinished partitions (D.3, D.9).
import { Fault } from "../base/fault.ts";
import { parseUuid, type Uuid } from "../base/ids.ts";
import { formatAttributes, parseAttributes } from "./partition-attributes.ts";

export { formatAttributes, parseAttributes } from "./partition-attributes.ts";

export type PartitionFaultCode =
  | "partition-bad-change"
  | "partition-flags"
  | "partition-label"
  | "partition-table-unreadable";

export interface Partition {
  /** From 1; numbers may have gaps. */
  readonly number: number;
  readonly startSector: number;
  readonly sizeSectors: number;
  readonly type: Uuid;
  readonly uuid: Uuid;
  readonly label: string;
  /** The 64 attribute bits; sfdisk knows bits 0 to 2 and 48 to 63. */
  readonly attributes: bigint;
}

export interface PartitionTable {
  readonly device: string;
  readonly labelId: string;
  readonly sectorSizeBytes: number;
  readonly partitions: readonly Partition[];
  /** The sectors that partitions may use, and the number of entries where it is not 128. */
  readonly firstSector?: number;
  readonly lastSector?: number;
  readonly tableLength?: number;
}

/** New values for one partition; what is absent stays as it is. */
export interface PartitionChange {
  readonly number: number;
  readonly type?: Uuid;
  readonly uuid?: Uuid;
  readonly label?: string;
  readonly attributes?: bigint;
}

/** A slot that may be filled. */
export const emptyLabel = "_empty";
/** UTF-16 code units. */
const maxLabelLength = 36;
const maxPartitions = 1024;
const maxJsonLength = 4 << 20;

type Fields = Readonly<Record<string, unknown>>;

const unreadable = (state: string, cause?: unknown): Fault<PartitionFaultCode> =>
  new Fault(
    "partition-table-unreadable",
    `Cannot read the partition table: ${state}`,
    cause === undefined ? {} : { cause },
  );

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function text(fields: Fields, key: string, absent?: string): string {
  const value = Object.hasOwn(fields, key) ? fields[key] : absent;
  if (typeof value !== "string") throw unreadable(`${key} is no text`);
  return value;
}

function count(value: unknown, key: string): number {
  const number = typeof value === "string" && /^[0-9]{1,16}$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 0)
    throw unreadable(`${key} is no number`);
  return number;
}

function optionalCount(fields: Fields, key: string): number | undefined {
  return Object.hasOwn(fields, key) ? count(fields[key], key) : undefined;
}

function uuid(fields: Fields, key: string): Uuid {
  try {
    return parseUuid(text(fields, key));
  } catch (cause) {
    throw unreadable(`${key} is no UUID`, cause);
  }
}

/** Reads what `sfdisk --json` prints (util-linux 2.38 to 2.41). Only GPT is taken. */
export function parseSfdiskJson(json: string): PartitionTable {
  if (json.length > maxJsonLength) throw unreadable("it is too large");
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (cause) {
    throw unreadable("sfdisk did not answer in JSON", cause);
  }
  const table = isFields(parsed) ? parsed["partitiontable"] : undefined;
  if (!isFields(table)) throw unreadable("there is none");
  if (table["label"] !== "gpt") throw unreadable(`it is of the kind ${JSON.stringify(table["label"])}, not gpt`);
  const device = text(table, "device");
  const list = table["partitions"] ?? [];
  if (!Array.isArray(list) || list.length > maxPartitions) throw unreadable("it has no list of partitions");
  const partitions = list.map((item: unknown) => readPartition(item, device));
  const numbers = new Set(partitions.map((partition) => partition.number));
  if (numbers.size !== partitions.length) throw unreadable("two partitions have one number");
  const firstSector = optionalCount(table, "firstlba");
  const lastSector = optionalCount(table, "lastlba");
  const tableLength = optionalCount(table, "table-length");
  return {
    device,
    labelId: text(table, "id"),
    sectorSizeBytes: optionalCount(table, "sectorsize") ?? 512,
    partitions,
    ...(firstSector === undefined ? {} : { firstSector }),
    ...(lastSector === undefined ? {} : { lastSector }),
    ...(tableLength === undefined ? {} : { tableLength }),
  };
}

function readPartition(item: unknown, device: string): Partition {
  if (!isFields(item)) throw unreadable("a partition is no object");
  const node = text(item, "node");
  const rest = node.startsWith(device) ? node.slice(device.length) : node;
  const number = Number(/([0-9]{1,4})$/.exec(rest)?.[1] ?? "0");
  if (number < 1) throw unreadable(`${node.slice(0, 80)} has no number`);
  return {
    number,
    startSector: count(item["start"], "start"),
    sizeSectors: count(item["size"], "size"),
    type: uuid(item, "type"),
    uuid: uuid(item, "uuid"),
    label: text(item, "name", ""),
    attributes: parseAttributes(text(item, "attrs", "")),
  };
}

/** Throws a Fault `partition-label` for what GPT cannot hold. */
export function demandLabel(label: string): void {
  if (label.length > maxLabelLength)
    throw new Fault(
      "partition-label",
      `Cannot label a partition ${JSON.stringify(label)}: it is longer than ${maxLabelLength} characters`,
    );
  if (!label.isWellFormed() || label.includes("\0"))
    throw new Fault("partition-label", `Cannot label a partition ${JSON.stringify(label)}: it is no text`);
}

/** sfdisk reads \xNN in quoted values; everything that could end the quotes or the line is written so. */
function quoteLabel(label: string): string {
  demandLabel(label);
  const bytes = new TextEncoder().encode(label);
  const escaped = Array.from(bytes, (byte) => {
    const char = String.fromCharCode(byte);
    return /[\w .+~^@%:-]/.test(char) ? char : `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return `"${escaped.join("")}"`;
}

/** The table after `changes`; a change of a partition that is not there is a Fault. */
export function applyChanges(table: PartitionTable, changes: readonly PartitionChange[]): PartitionTable {
  const unknown = changes.find((change) => !table.partitions.some((partition) => partition.number === change.number));
  if (unknown !== undefined)
    throw new Fault(
      "partition-bad-change",
      `Cannot change partition ${unknown.number} of ${table.device}: there is none`,
    );
  const partitions = table.partitions.map((partition) =>
    changes.reduce<Partition>(
      (before, change) => (change.number === before.number ? { ...before, ...change } : before),
      partition,
    ),
  );
  return { ...table, partitions };
}

/** One complete script for sfdisk: the whole table as it is to be after `changes`, sectors and numbers unmoved. */
export function sfdiskScript(table: PartitionTable, changes: readonly PartitionChange[]): string {
  const after = applyChanges(table, changes);
  const headers = [
    "label: gpt",
    `label-id: ${parseUuid(after.labelId).toUpperCase()}`,
    "unit: sectors",
    ...(after.firstSector === undefined ? [] : [`first-lba: ${after.firstSector}`]),
    ...(after.lastSector === undefined ? [] : [`last-lba: ${after.lastSector}`]),
    ...(after.tableLength === undefined ? [] : [`table-length: ${after.tableLength}`]),
    `sector-size: ${after.sectorSizeBytes}`,
  ];
  const lines = after.partitions.map((partition) => {
    const { number, startSector, sizeSectors, type, uuid: id, label, attributes } = partition;
    const attrs = formatAttributes(attributes);
    const fields = [
      `start=${startSector}`,
      `size=${sizeSectors}`,
      `type=${type.toUpperCase()}`,
      `uuid=${id.toUpperCase()}`,
      `name=${quoteLabel(label)}`,
      ...(attrs === "" ? [] : [`attrs="${attrs}"`]),
    ];
    // sfdisk takes the number from the end of the word before the colon.
    return `part${number} : ${fields.join(", ")}`;
  });
  return `${headers.join("\n")}\n\n${lines.join("\n")}\n`;
}

const applicationIds = {
  partial: "accfa0c2da24460a9fc90bb8fc785219",
  pending: "80f3d61e238343b981f5ce3793f47d4c",
} as const;

const hexBytes = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16));

/**
 * The type UUID under which systemd 260 and later hides an unfinished partition of `type`: the first 16 bytes of
 * HMAC-SHA256(type, application id), marked as a version 4 UUID.
 */
export function derivedType(
  type: Uuid,
  kind: "partial" | "pending",
  hmacSha256: (key: Uint8Array, message: Uint8Array) => Uint8Array,
): Uuid {
  const bytes = hmacSha256(hexBytes(type.replaceAll("-", "")), hexBytes(applicationIds[kind])).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return parseUuid(Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""));
}
