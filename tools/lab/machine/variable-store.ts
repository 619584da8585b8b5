// Reads and writes the EFI variables of a machine that is switched off, in the store that OVMF keeps in flash: edk2's
// firmware volume with an authenticated variable store (MdeModulePkg/Include/Guid/VariableFormat.h).
import { readFile, writeFile } from "node:fs/promises";

/** systemd's vendor: the Boot Loader Interface. */
export const loaderVendor = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

/** Non-volatile, for boot services and at run time. */
export const ordinary = 7;

export interface EfiVariable {
  readonly name: string;
  readonly vendor: string;
  readonly attributes: number;
  readonly data: Uint8Array;
}

interface Place extends EfiVariable {
  readonly offset: number;
}

const storeGuid = "aaf32c78-947b-439a-a180-2e144ec37792";
const storeHeaderBytes = 28;
const headerBytes = 60;
const startId = 0x55aa;
/** Bits are cleared as a variable comes and goes. */
const state = { added: 0x3f, deleted: 0x3d, deleting: 0x3e } as const;

export async function readVariables(path: string): Promise<readonly EfiVariable[]> {
  return scan(await readFile(path)).found;
}

/** The text of one of systemd's variables; `undefined` when it is not there. */
export async function readLoaderVariable(path: string, name: string): Promise<string | undefined> {
  const found = (await readVariables(path)).find((one) => one.name === name && one.vendor === loaderVendor);
  return found && Buffer.from(found.data).toString("utf16le").replace(/\0+$/, "");
}

/** Sets variables in place of those of the same name; without data they go. */
export async function writeVariables(path: string, variables: readonly EfiVariable[]): Promise<void> {
  const bytes = await readFile(path);
  for (const variable of variables) put(bytes, variable);
  await writeFile(path, bytes);
}

export async function writeLoaderVariable(path: string, name: string, text: string | undefined): Promise<void> {
  const data = text === undefined ? Buffer.alloc(0) : Buffer.from(`${text}\0`, "utf16le");
  await writeVariables(path, [{ name, vendor: loaderVendor, attributes: ordinary, data }]);
}

function put(bytes: Buffer, { name, vendor, attributes, data }: EfiVariable): void {
  const { found, end, limit } = scan(bytes);
  for (const old of found)
    if (old.name === name && old.vendor === vendor) bytes.writeUInt8(state.deleted, old.offset + 2);
  if (data.length === 0) return;
  const wide = Buffer.from(`${name}\0`, "utf16le");
  if (end + headerBytes + wide.length + data.length > limit) throw new Error("The store of variables is full");
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16LE(startId, 0);
  header.writeUInt8(state.added, 2);
  header.writeUInt32LE(attributes, 4);
  header.writeUInt32LE(wide.length, 36);
  header.writeUInt32LE(data.length, 40);
  guidBytes(vendor).copy(header, 44);
  Buffer.concat([header, wide, data]).copy(bytes, end);
}

/** All that are there, and where the next one goes. */
function scan(bytes: Buffer): { readonly found: readonly Place[]; readonly end: number; readonly limit: number } {
  const store = bytes.readUInt16LE(48);
  if (guidText(bytes.subarray(store, store + 16)) !== storeGuid) throw new Error("This is no store of EFI variables");
  const limit = store + bytes.readUInt32LE(store + 16);
  const found: Place[] = [];
  let offset = aligned(store + storeHeaderBytes);
  while (offset + headerBytes <= limit && bytes.readUInt16LE(offset) === startId) {
    const [nameBytes, dataBytes] = [bytes.readUInt32LE(offset + 36), bytes.readUInt32LE(offset + 40)];
    const nameAt = offset + headerBytes;
    const dataAt = nameAt + nameBytes;
    const present = bytes.readUInt8(offset + 2);
    if (present === state.added || present === state.deleting)
      found.push({
        offset,
        name: bytes.subarray(nameAt, dataAt).toString("utf16le").replace(/\0+$/, ""),
        vendor: guidText(bytes.subarray(offset + 44, offset + 60)),
        attributes: bytes.readUInt32LE(offset + 4),
        data: bytes.subarray(dataAt, dataAt + dataBytes),
      });
    offset = aligned(dataAt + dataBytes);
  }
  return { found, end: offset, limit };
}

const aligned = (offset: number): number => Math.ceil(offset / 4) * 4;

/** As in memory: the first three fields are little-endian numbers. */
export function guidBytes(text: string): Buffer {
  const raw = Buffer.from(text.replaceAll("-", ""), "hex");
  raw.subarray(0, 4).reverse();
  raw.subarray(4, 6).reverse();
  raw.subarray(6, 8).reverse();
  return raw;
}

function guidText(raw: Uint8Array): string {
  const copy = Buffer.from(raw);
  copy.subarray(0, 4).reverse();
  copy.subarray(4, 6).reverse();
  copy.subarray(6, 8).reverse();
  const hex = copy.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
