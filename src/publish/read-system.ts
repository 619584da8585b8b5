// What the system in an erofs image says it is: its version by os-release, its machine by one of its programs. For the checks
// of a release only: whatever cannot be read is not known, and condemns nothing.
import { Fault } from "../base/fault.ts";
import { decodeCluster } from "../delta/zstd.ts";
import { readExtents } from "../format/erofs/compressed-extents.ts";
import { parseDirectoryBlock } from "../format/erofs/directory.ts";
import { readSettings, type Settings } from "../format/erofs/features.ts";
import { type Inode, readInode } from "../format/erofs/inode.ts";
import { Pages } from "../format/erofs/pages.ts";
import { parseOsRelease } from "../format/os-release.ts";
import type { ByteReader } from "../format/pe.ts";
import type { SystemFacts } from "./release-facts.ts";

/** An image of / or of /usr. */
const prefixes = ["usr/", ""];
const programs = ["lib/systemd/systemd", "bin/systemctl", "bin/bash", "bin/dash", "bin/busybox", "bin/env"];
const maxFolderBytes = 16 << 20;
const maxClusterBytes = 1 << 20;
const zstd = 3;
const osReleaseBytes = 64 << 10;
const elfHeaderBytes = 20;

/** e_machine of the ELF header, as systemd names architectures. */
const machines: Readonly<Record<number, string>> = {
  3: "x86",
  40: "arm",
  50: "ia64",
  62: "x86-64",
  183: "arm64",
  258: "loongarch64",
};
const riscv = 243;

export async function readSystem(image: ByteReader): Promise<SystemFacts | undefined> {
  try {
    const pages = new Pages(image);
    const files = new Files(pages, await readSettings(pages));
    for (const prefix of prefixes) {
      const text = await files.begin(`${prefix}lib/os-release`, osReleaseBytes);
      if (text === undefined) continue;
      const version = parseOsRelease(new TextDecoder().decode(text)).imageVersion;
      return { version, architecture: await architectureOf(files, prefix) };
    }
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

async function architectureOf(files: Files, prefix: string): Promise<string | undefined> {
  for (const program of programs) {
    const header = await files.begin(prefix + program, elfHeaderBytes);
    if (header === undefined || header.length < elfHeaderBytes) continue;
    const view = new DataView(header.buffer, header.byteOffset, header.length);
    if (view.getUint32(0) !== 0x7f454c46) continue;
    const machine = view.getUint16(18, header[5] !== 2);
    return machine === riscv ? (header[4] === 2 ? "riscv64" : "riscv32") : machines[machine];
  }
  return undefined;
}

class Files {
  readonly #pages: Pages;
  readonly #settings: Settings;

  constructor(pages: Pages, settings: Settings) {
    this.#pages = pages;
    this.#settings = settings;
  }

  /** The first bytes of a file; `undefined`: there is none, or it lies there in a way that is not looked into. */
  async begin(path: string, bytesMax: number): Promise<Uint8Array | undefined> {
    let inode = await readInode(this.#pages, this.#settings, this.#settings.rootNode);
    for (const name of path.split("/")) {
      const node = await this.#find(inode, name);
      if (node === undefined) return undefined;
      inode = await readInode(this.#pages, this.#settings, node);
    }
    return inode.kind === "file" ? this.#content(inode, Math.min(bytesMax, inode.sizeBytes)) : undefined;
  }

  async #find(folder: Inode, name: string): Promise<number | undefined> {
    if (folder.kind !== "folder" || folder.sizeBytes > maxFolderBytes) return undefined;
    const block = this.#settings.blockBytes;
    for (let at = 0; at < folder.sizeBytes; at += block) {
      const bytes = await this.#plain(folder, at, Math.min(block, folder.sizeBytes - at));
      for (const entry of parseDirectoryBlock(bytes ?? new Uint8Array())) if (entry.name === name) return entry.node;
    }
    return undefined;
  }

  /** Of a file or folder that is not compressed. */
  async #plain(inode: Inode, at: number, length: number): Promise<Uint8Array | undefined> {
    const block = this.#settings.blockBytes;
    if (inode.layout !== "flat" && inode.layout !== "flat-inline") return undefined;
    const whole = inode.layout === "flat" ? Math.ceil(inode.sizeBytes / block) : Math.floor(inode.sizeBytes / block);
    const offset = at / block < whole ? inode.value * block + at : inode.bodyOffset;
    const left = at / block < whole ? whole * block - at : inode.sizeBytes - whole * block;
    return this.#pages.read(offset, Math.min(length, left));
  }

  async #content(inode: Inode, length: number): Promise<Uint8Array | undefined> {
    if (inode.layout === "flat" || inode.layout === "flat-inline") return this.#plain(inode, 0, length);
    if (inode.layout === "chunks") return undefined;
    const extents = await readExtents(this.#pages, this.#settings, inode, { entries: this.#pages.sizeBytes / 2 });
    const first = extents.find(({ fileOffset }) => fileOffset === 0);
    if (first === undefined || first.length > maxClusterBytes || first.plainLength > maxClusterBytes) return undefined;
    if (first.algorithm !== undefined && first.algorithm !== zstd) return undefined;
    const cluster = await this.#pages.read(first.offset, first.length);
    const plain = first.algorithm === undefined ? cluster : decodeCluster(cluster, first.plainLength);
    return plain.subarray(0, Math.min(length, first.plainLength));
  }
}
