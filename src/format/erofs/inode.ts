// An inode of an erofs image: 32 bytes in the compact form, 64 in the extended one, then its attributes.
import type { Settings } from "./features.ts";
import { notUnderstood } from "./not-understood.ts";
import type { Pages } from "./pages.ts";

export type DataLayout = "flat" | "compressed-full" | "flat-inline" | "compressed" | "chunks";

export interface Inode {
  readonly offset: number;
  readonly kind: "file" | "folder" | "other";
  readonly layout: DataLayout;
  readonly sizeBytes: number;
  /** Of flat files the first block; of chunks their format. */
  readonly value: number;
  /** Where what belongs to the layout begins: behind inode and attributes. */
  readonly bodyOffset: number;
}

const nodeBytes = 32;
const layouts: readonly DataLayout[] = ["flat", "compressed-full", "flat-inline", "compressed", "chunks"];
const attributeHeaderBytes = 12;

/** Throws a Fault (`erofs-not-understood`). */
export async function readInode(pages: Pages, { metaOffset }: Settings, node: number): Promise<Inode> {
  const offset = metaOffset + node * nodeBytes;
  const head = await pages.read(offset, nodeBytes);
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const format = view.getUint16(0, true);
  const layout = layouts[(format >> 1) & 7];
  // Bit 4 says in newer images that the number of links is 1 and the field something else; what is above is unknown.
  if (layout === undefined || format >> 4 !== 0) throw notUnderstood(`an inode has the format ${format}`);
  const extended = (format & 1) === 1;
  const attributes = view.getUint16(2, true);
  const low = view.getUint32(8, true);
  return {
    offset,
    kind: kindOf(view.getUint16(4, true)),
    layout,
    sizeBytes: extended ? low + view.getUint32(12, true) * 2 ** 32 : low,
    value: view.getUint32(16, true),
    bodyOffset:
      offset +
      (extended ? 2 * nodeBytes : nodeBytes) +
      (attributes === 0 ? 0 : attributeHeaderBytes + (attributes - 1) * 4),
  };
}

function kindOf(mode: number): Inode["kind"] {
  const type = mode & 0xf000;
  return type === 0x8000 ? "file" : type === 0x4000 ? "folder" : "other";
}
