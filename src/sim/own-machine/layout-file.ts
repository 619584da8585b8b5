// The JSON of `--layout`: file systems, slots and sizes of the machines a distribution is for (docs/commands.md, simulate).
import { Fault } from "../../base/fault.ts";
import type { SimFileSystemType } from "../disk/file-system.ts";
import { parseByteSize } from "./byte-size.ts";
import type { KnownShape, Volume } from "./shape.ts";

type Fields = Readonly<Record<string, unknown>>;

const maxLength = 1 << 20;
const maxItems = 200;
const hint =
  'It looks like {"fileSystems":[{"mountPoint":"/efi","type":"vfat","size":"512M"}],"sizes":{"20-root":"2G"}}.';
/** File systems that behave as one of those that are simulated. */
const types: Readonly<Record<string, SimFileSystemType>> = {
  vfat: "vfat",
  fat32: "vfat",
  btrfs: "btrfs",
  ext4: "ext4",
  xfs: "ext4",
  ext3: "ext4",
  f2fs: "ext4",
};

/** Of a name that mount(8) or fstab(5) knows; journalling ones behave alike here. */
export function simulatedType(type: string): SimFileSystemType {
  return types[type] ?? "ext4";
}

function refuse(path: string, state: string): Fault {
  return new Fault("bad-layout", `Cannot use the layout ${path}: ${state}`, { hint, kind: "usage" });
}

/** Throws a Fault of kind "usage" that names what is wrong. */
export function parseLayout(path: string, text: string): KnownShape {
  const no = (state: string): Fault => refuse(path, state);
  if (text.length > maxLength) throw no("it is larger than 1 MiB");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw no("it is not JSON");
  }
  const top = fieldsOf(value, "it", ["fileSystems", "slots", "sizes"], no);
  const sizes = Object.entries(fieldsOf(top["sizes"] ?? {}, "sizes", undefined, no)).map(
    ([transfer, size]) =>
      [transfer, { bytes: bytesOf(size, `sizes.${transfer}`, no), from: "given" as const }] as const,
  );
  return {
    volumes: listOf(top["fileSystems"] ?? [], "fileSystems", no).map((item, index) => volumeFrom(item, index, no)),
    slots: new Map(listOf(top["slots"] ?? [], "slots", no).map((item, index) => slotFrom(item, index, no))),
    sizes: new Map(sizes),
  };
}

type Refuse = (state: string) => Fault;

function fieldsOf(value: unknown, what: string, known: readonly string[] | undefined, no: Refuse): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw no(`${what} is no object`);
  const odd = known === undefined ? undefined : Object.keys(value).find((key) => !known.includes(key));
  if (odd !== undefined) throw no(`${what} has an unknown field ${JSON.stringify(odd.slice(0, 80))}`);
  if (Object.keys(value).length > maxItems) throw no(`${what} has more than ${maxItems} fields`);
  return value as Fields;
}

function listOf(value: unknown, what: string, no: Refuse): readonly unknown[] {
  if (!Array.isArray(value) || value.length > maxItems) throw no(`${what} is no list of at most ${maxItems}`);
  return value;
}

function bytesOf(value: unknown, what: string, no: Refuse): number {
  const bytes = typeof value === "number" || typeof value === "string" ? parseByteSize(String(value)) : undefined;
  if (bytes === undefined) throw no(`${what} is no size such as "512M"`);
  return bytes;
}

function textOf(fields: Fields, key: string, what: string, no: Refuse): string {
  const value = fields[key];
  if (typeof value !== "string" || value === "" || value.length > 4096) throw no(`${what} has no ${key}`);
  return value;
}

function volumeFrom(item: unknown, index: number, no: Refuse): Volume {
  const what = `fileSystems[${index}]`;
  const fields = fieldsOf(item, what, ["mountPoint", "type", "size", "free"], no);
  const mountPoint = textOf(fields, "mountPoint", what, no);
  if (!/^\/(?:[^/.][^/]*(?:\/[^/.][^/]*)*)?$/.test(mountPoint))
    throw no(`${what}.mountPoint is no plain absolute path`);
  const sizeBytes = bytesOf(fields["size"], `${what}.size`, no);
  const roomBytes = fields["free"] === undefined ? sizeBytes : bytesOf(fields["free"], `${what}.free`, no);
  if (roomBytes > sizeBytes) throw no(`${what}.free is more than its size`);
  return { mountPoint, type: simulatedType(textOf(fields, "type", what, no)), sizeBytes, roomBytes, from: "given" };
}

function slotFrom(
  item: unknown,
  index: number,
  no: Refuse,
): readonly [string, { readonly count: number; readonly sizeBytes: number; readonly from: "given" }] {
  const what = `slots[${index}]`;
  const fields = fieldsOf(item, what, ["transfer", "count", "size"], no);
  const { count } = fields;
  if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 1 || count > 64)
    throw no(`${what}.count is no number from 1 to 64`);
  const sizeBytes = bytesOf(fields["size"], `${what}.size`, no);
  return [textOf(fields, "transfer", what, no), { count, sizeBytes, from: "given" }];
}
