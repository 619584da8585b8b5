// What the tests of chunks share: bytes that look random, and readers over bytes in memory.
import { SeededRandom } from "../../base/random.ts";
import type { ChunkIndex, ChunkSizes } from "../../format/chunk-index.ts";
import type { ReleaseFile } from "../../format/release-files.ts";
import type { FetchRange, LocalBytes } from "../reader.ts";
import { cutFile } from "./cut-file.ts";
import { type PackedChunks, packChunks, type PackChunksOptions } from "./pack-chunks.ts";

export function randomBytes(seed: number, length: number): Uint8Array {
  const random = new SeededRandom(seed);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = random.below(256);
  return bytes;
}

/** The reads made so far are in `reads`. */
export function inMemory(bytes: Uint8Array): LocalBytes & { readonly reads: (readonly [number, number])[] } {
  const reads: (readonly [number, number])[] = [];
  return {
    reads,
    size: async () => bytes.length,
    async read(offset, into) {
      reads.push([offset, into.length]);
      const part = bytes.subarray(offset, offset + into.length);
      into.set(part);
      return part.length;
    },
  };
}

/** 16, 64 and 256 KiB, as casync and desync have it. */
export const usualSizes: ChunkSizes = { min: 16 << 10, avg: 64 << 10, max: 256 << 10 };

/** Small, so that small files have many. */
export const smallSizes: ChunkSizes = { min: 256, avg: 1024, max: 4096 };

/** A publisher with packs in memory, and a line to it that counts. */
export class PackServer {
  readonly files: Map<string, Uint8Array> = new Map();
  readonly requests: { readonly name: string; readonly offset: number; readonly length: number }[] = [];
  readonly releases: PackedChunks[] = [];
  /** Transfers that were broken off rather than ended. */
  brokenOff = 0;

  /** Publishes a file as the next release. */
  async publish(
    bytes: Uint8Array,
    more: Partial<PackChunksOptions> = {},
    sizes: ChunkSizes = smallSizes,
  ): Promise<PackedChunks> {
    const index = await cutFile(inMemory(bytes), { sizes });
    const version = this.releases.length + 1;
    const written = new Map<string, Uint8Array[]>();
    const { map, packs } = await packChunks({
      source: inMemory(bytes),
      index,
      before: this.releases.toReversed(),
      newPack: async () => {
        const parts: Uint8Array[] = [];
        const name = `chunks/${version}-${written.size + 1}.pack`;
        written.set(name, parts);
        // Packs are written from front to back.
        return { name, file: { write: async (_offset, part) => void parts.push(part) } };
      },
      ...more,
    });
    for (const [name, parts] of written) this.files.set(name, Buffer.concat(parts));
    const release = { index, map, packs };
    this.releases.push(release);
    return release;
  }

  readonly fetch: FetchRange = (file, offset, length) => this.#send(file, offset, length);

  async *#send(file: ReleaseFile, offset: number, length: number): AsyncGenerator<Uint8Array> {
    this.requests.push({ name: file.name, offset, length });
    const bytes = this.files.get(file.name)?.subarray(offset, offset + length) ?? new Uint8Array(0);
    let ended = false;
    try {
      for (let at = 0; at < bytes.length; at += 1000) yield bytes.slice(at, at + 1000);
      ended = true;
    } finally {
      if (!ended) this.brokenOff += 1;
    }
  }
}

/** An index whose ids are of the same chunks; for tests that make one differ. */
export function copyOf(index: ChunkIndex): ChunkIndex {
  return { ...index, ends: index.ends.slice(), ids: index.ids.slice() };
}
