// Reads the folders of a FAT32 volume as a boot loader does, without mounting it: names, sizes, chains, and what two names
// share. Nothing is repaired and nothing believed (Microsoft FAT specification).
import type { FileHandle } from "node:fs/promises";

export interface FatFile {
  /** Below the root of the volume, with slashes. */
  readonly path: string;
  readonly isFolder: boolean;
  readonly bytes: number;
  /** In order. Ends where the chain leads nowhere, or to where it has been. */
  readonly clusters: readonly number[];
  /** Its long name was there and belongs to it; without one, `path` ends with the short name. */
  readonly hasLongName: boolean;
  /** The chain ends with the mark of an end, and holds as much as the size says. */
  readonly isWhole: boolean;
}

interface Geometry {
  readonly clusterBytes: number;
  readonly dataOffset: number;
  readonly rootCluster: number;
  /** 28 bits each. */
  readonly table: Uint32Array;
}

const folderBytesMax = 1 << 21;
const depthMax = 8;
const slotBytes = 32;
const endMark = 0x0ffffff8;

export class FatReader {
  readonly #file: FileHandle;
  readonly #offset: number;
  readonly #geometry: Geometry;

  private constructor(file: FileHandle, offset: number, geometry: Geometry) {
    this.#file = file;
    this.#offset = offset;
    this.#geometry = geometry;
  }

  /** `offset` is where the volume begins in the file. Throws when there is none. */
  static async open(file: FileHandle, offset: number): Promise<FatReader> {
    const sector = await take(file, offset, 512);
    const sectorBytes = sector.readUInt16LE(11);
    const clusterBytes = sectorBytes * (sector[13] ?? 0);
    const tableBytes = sector.readUInt32LE(36) * sectorBytes;
    if (sector.readUInt16LE(510) !== 0xaa55 || sectorBytes !== 512 || clusterBytes === 0 || tableBytes > 1 << 24)
      throw new Error("Cannot read the FAT volume: its boot sector is none of FAT32");
    const reserved = sector.readUInt16LE(14) * sectorBytes;
    const raw = await take(file, offset + reserved, tableBytes);
    const table = new Uint32Array(raw.buffer, raw.byteOffset, raw.length / 4).map((entry) => entry & 0x0fffffff);
    const dataOffset = reserved + (sector[16] ?? 2) * tableBytes;
    return new FatReader(file, offset, { clusterBytes, dataOffset, rootCluster: sector.readUInt32LE(44), table });
  }

  /** Every file and folder, folders before what is in them. */
  async list(): Promise<readonly FatFile[]> {
    const found: FatFile[] = [];
    await this.#walk(this.#chain(this.#geometry.rootCluster).clusters, "", depthMax, found);
    return found;
  }

  /** What its clusters hold, as long as its size says or as its chain is. */
  async read({ clusters, bytes }: FatFile): Promise<Buffer> {
    const { clusterBytes, dataOffset } = this.#geometry;
    const parts: Buffer[] = [];
    for (let index = 0; index < clusters.length; ) {
      // Neighbours at once.
      let next = index + 1;
      while (next < clusters.length && clusters[next] === (clusters[next - 1] ?? 0) + 1) next++;
      const at = this.#offset + dataOffset + ((clusters[index] ?? 2) - 2) * clusterBytes;
      parts.push(await take(this.#file, at, (next - index) * clusterBytes));
      index = next;
    }
    return Buffer.concat(parts).subarray(0, bytes);
  }

  #chain(first: number): { readonly clusters: readonly number[]; readonly ends: boolean } {
    const { table } = this.#geometry;
    const clusters: number[] = [];
    const seen = new Set<number>();
    let cluster = first;
    while (cluster >= 2 && cluster < table.length && table[cluster] !== 0 && !seen.has(cluster)) {
      seen.add(cluster);
      clusters.push(cluster);
      cluster = table[cluster] ?? 0;
    }
    return { clusters, ends: cluster >= endMark };
  }

  async #walk(clusters: readonly number[], folder: string, depth: number, found: FatFile[]): Promise<void> {
    const bytes = Math.min(clusters.length * this.#geometry.clusterBytes, folderBytesMax);
    const slots = await this.read({ path: folder, isFolder: true, bytes, clusters, hasLongName: true, isWhole: true });
    for (const { name, hasLongName, slot } of namesIn(slots)) {
      const isFolder = ((slot[11] ?? 0) & 0x10) !== 0;
      const first = slot.readUInt16LE(20) * 65536 + slot.readUInt16LE(26);
      const size = slot.readUInt32LE(28);
      const chain = this.#chain(first);
      const held = chain.clusters.length * this.#geometry.clusterBytes;
      const isWhole = size === 0 && first === 0 ? !isFolder : chain.ends && (isFolder || (held >= size && size > 0));
      const path = folder === "" ? name : `${folder}/${name}`;
      found.push({ path, isFolder, bytes: isFolder ? 0 : size, clusters: chain.clusters, hasLongName, isWhole });
      if (isFolder && depth > 0) await this.#walk(chain.clusters, path, depth - 1, found);
    }
  }
}

interface Named {
  readonly name: string;
  readonly hasLongName: boolean;
  readonly slot: Buffer;
}

/** Long names stand in slots before the one they belong to, last part first, each with a sum over the short name. */
function* namesIn(slots: Buffer): Generator<Named> {
  let parts: { readonly order: number; readonly sum: number; readonly text: string }[] = [];
  for (let at = 0; at + slotBytes <= slots.length; at += slotBytes) {
    const slot = slots.subarray(at, at + slotBytes);
    const first = slot[0] ?? 0;
    if (first === 0) return;
    const attributes = slot[11] ?? 0;
    if (first === 0xe5) parts = [];
    else if ((attributes & 0x3f) === 0x0f) {
      const text = [slot.subarray(1, 11), slot.subarray(14, 26), slot.subarray(28, 32)]
        .map((part) => part.toString("utf16le"))
        .join("");
      if ((first & 0x40) !== 0) parts = [];
      parts.push({ order: first & 0x3f, sum: slot[13] ?? 0, text });
    } else {
      const long = longName(parts, sumOf(slot.subarray(0, 11)));
      parts = [];
      const short = shortName(slot);
      if ((attributes & 0x08) === 0 && short !== "." && short !== "..")
        yield { name: long ?? short, hasLongName: long !== undefined, slot };
    }
  }
}

function longName(
  parts: readonly { readonly order: number; readonly sum: number; readonly text: string }[],
  sum: number,
): string | undefined {
  const isComplete = parts.every((part, index) => part.sum === sum && part.order === parts.length - index);
  if (parts.length === 0 || !isComplete) return undefined;
  const text = parts.toReversed().map((part) => part.text);
  return text.join("").split("\0")[0];
}

function sumOf(short: Uint8Array): number {
  return short.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);
}

/** Bits 3 and 4 of byte 12 say that base or extension are in lower case, as Linux and Windows do. */
function shortName(slot: Buffer): string {
  const flags = slot[12] ?? 0;
  const part = (from: number, to: number, lower: boolean): string => {
    const text = slot.toString("latin1", from, to).trimEnd();
    return lower ? text.toLowerCase() : text;
  };
  const base = part(0, 8, (flags & 0x08) !== 0);
  const extension = part(8, 11, (flags & 0x10) !== 0);
  return extension === "" ? base : `${base}.${extension}`;
}

async function take(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  let done = 0;
  while (done < bytes) {
    const { bytesRead } = await file.read(buffer, done, bytes - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer;
}
