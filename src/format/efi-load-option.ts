// EFI_LOAD_OPTION, an item of the firmware's boot list (UEFI 3.1.3), for a file on a partition of a GPT disk: the nodes
// of its device path are a hard drive (10.3.5.1) and a file path (10.3.5.4).
import { parseUuid, type Uuid } from "../base/ids.ts";

export interface LoadOption {
  readonly description: string;
  /** Whether the firmware tries it by itself. */
  readonly active: boolean;
  readonly partition: BootPartition;
  /** With backslashes, as `\EFI\systemd\systemd-bootx64.efi`. */
  readonly path: string;
}

export interface BootPartition {
  readonly uuid: Uuid;
  readonly number: number;
  readonly startSector: number;
  readonly sizeSectors: number;
}

const headerBytes = 6;
const hardDriveBytes = 42;
const textMax = 512;
const nodesMax = 64;

/** The first three groups of a GUID are little-endian (UEFI appendix A). */
const guidOrder = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

function guidBytes(uuid: Uuid): Uint8Array {
  const hex = uuid.replaceAll("-", "");
  return Uint8Array.from(guidOrder, (at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}

function guidText(bytes: Uint8Array): Uuid {
  const plain = new Uint8Array(16);
  for (const [at, place] of guidOrder.entries()) plain[place] = bytes[at] ?? 0;
  return parseUuid(Array.from(plain, (byte) => byte.toString(16).padStart(2, "0")).join(""));
}

/** UTF-16LE up to its NUL; `undefined` when there is none. */
function readText(bytes: Uint8Array, from: number): { readonly text: string; readonly end: number } | undefined {
  let text = "";
  for (let at = from; at + 1 < bytes.length && text.length <= textMax; at += 2) {
    const unit = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    if (unit === 0) return { text, end: at + 2 };
    text += String.fromCharCode(unit);
  }
  return undefined;
}

function textBytes(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length + 1) * 2);
  for (let at = 0; at < text.length; at++) new DataView(bytes.buffer).setUint16(2 * at, text.charCodeAt(at), true);
  return bytes;
}

interface Node {
  readonly type: number;
  readonly subtype: number;
  readonly body: Uint8Array;
}

function* nodesOf(bytes: Uint8Array): Generator<Node> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0, count = 0; at + 4 <= bytes.length && count < nodesMax; count++) {
    const length = view.getUint16(at + 2, true);
    if (length < 4 || at + length > bytes.length) return;
    const type = bytes[at] ?? 0;
    if (type === 0x7f) return;
    yield { type, subtype: bytes[at + 1] ?? 0, body: bytes.subarray(at + 4, at + length) };
    at += length;
  }
}

/** Undefined for every option of another kind: a network card, a whole disk, a damaged variable. */
export function parseLoadOption(bytes: Uint8Array): LoadOption | undefined {
  if (bytes.length < headerBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const described = readText(bytes, headerBytes);
  if (described === undefined) return undefined;
  const list = bytes.subarray(described.end, described.end + view.getUint16(4, true));
  let partition: BootPartition | undefined;
  let path: string | undefined;
  for (const { type, subtype, body } of nodesOf(list)) {
    if (type !== 4) continue;
    if (subtype === 1 && body.length === hardDriveBytes - 4 && body[37] === 2) partition = readPartition(body);
    if (subtype === 4) path = `${path ?? ""}${readText(body, 0)?.text ?? ""}`;
  }
  if (partition === undefined || path === undefined) return undefined;
  return { description: described.text, active: (view.getUint32(0, true) & 1) === 1, partition, path };
}

function readPartition(body: Uint8Array): BootPartition {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  return {
    number: view.getUint32(0, true),
    startSector: Number(view.getBigUint64(4, true)),
    sizeSectors: Number(view.getBigUint64(12, true)),
    uuid: guidText(body.subarray(20, 36)),
  };
}

export function formatLoadOption({ description, active, partition, path }: LoadOption): Uint8Array {
  const name = textBytes(description);
  const file = textBytes(path);
  const listBytes = hardDriveBytes + 4 + file.length + 4;
  const bytes = new Uint8Array(headerBytes + name.length + listBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, active ? 1 : 0, true);
  view.setUint16(4, listBytes, true);
  bytes.set(name, headerBytes);
  let at = headerBytes + name.length;
  bytes.set([4, 1, hardDriveBytes, 0], at);
  view.setUint32(at + 4, partition.number, true);
  view.setBigUint64(at + 8, BigInt(partition.startSector), true);
  view.setBigUint64(at + 16, BigInt(partition.sizeSectors), true);
  bytes.set(guidBytes(partition.uuid), at + 24);
  // Format: GPT; kind of signature: GUID.
  bytes.set([2, 2], at + 40);
  at += hardDriveBytes;
  bytes.set([4, 4], at);
  view.setUint16(at + 2, 4 + file.length, true);
  bytes.set(file, at + 4);
  bytes.set([0x7f, 0xff, 4, 0], at + 4 + file.length);
  return bytes;
}
