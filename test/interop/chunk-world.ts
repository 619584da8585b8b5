// Two releases of a file, published by us into a folder, for the programs that know the same formats.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeDisk } from "../../src/adapter/disk/node-disk.ts";
import { nodeProcess } from "../../src/adapter/process/node-process.ts";
import { SeededRandom } from "../../src/base/random.ts";
import { assembleChunks } from "../../src/delta/chunk/assemble-chunks.ts";
import { ChunkStore } from "../../src/delta/chunk/chunk-store.ts";
import { cutFile } from "../../src/delta/chunk/cut-file.ts";
import { packChunks } from "../../src/delta/chunk/pack-chunks.ts";
import { planChunks } from "../../src/delta/chunk/plan-chunks.ts";
import { Seed } from "../../src/delta/chunk/seed.ts";
import type { Decompress } from "../../src/delta/chunk/stored-chunk.ts";
import type { LocalBytes } from "../../src/delta/reader.ts";
import { type ChunkDigest, type ChunkSizes, formatChunkIndex, parseChunkIndex } from "../../src/format/chunk-index.ts";

const kib = (min: number, avg: number, max: number): ChunkSizes => ({ min: min << 10, avg: avg << 10, max: max << 10 });

/** What casync and desync do unless told otherwise, what KDE Linux publishes with, and an average that is even. */
export const settings: Readonly<Record<string, ChunkSizes>> = {
  usual: kib(16, 64, 256),
  kde: kib(1024, 2048, 4096),
  even: kib(8, 32, 128),
};

export interface Ran {
  readonly exitCode: number;
  readonly output: string;
}

export function run(program: string, ...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      resolve({ exitCode: typeof code === "number" ? code : 1, output: `${stdout}${stderr}` });
    });
  });
}

export function inMemory(bytes: Uint8Array): LocalBytes {
  return {
    size: async () => bytes.length,
    async read(offset, into) {
      const part = bytes.subarray(offset, offset + into.length);
      into.set(part);
      return part.length;
    },
  };
}

function randomBytes(seed: number, length: number): Uint8Array {
  const random = new SeededRandom(seed);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = random.below(256);
  return bytes;
}

/** Some of it compresses, some does not, and there are long runs of zeros; 10 MB in all. */
function samples(): readonly [Buffer, Buffer] {
  const text = Buffer.from(Array.from({ length: 150_000 }, (_, line) => `line ${line * 7} of ${line}\n`).join(""));
  const noise = randomBytes(1, 4 << 20);
  const zeros = new Uint8Array(3 << 20);
  const old = Buffer.concat([text, noise, zeros]);
  const fresh = Buffer.concat([
    text.subarray(0, 2_000_000),
    randomBytes(2, 300_000),
    text.subarray(2_000_000),
    noise.subarray(0, 3_000_000),
    noise.subarray(3_100_000),
    zeros,
    text.subarray(0, 500_000),
  ]);
  return [old, fresh];
}

const [old, fresh] = samples();

/** A folder with `old` and `new`, files that share much. */
export class ChunkWorld implements AsyncDisposable {
  readonly folder: string;
  readonly old: Buffer = old;
  readonly fresh: Buffer = fresh;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<ChunkWorld> {
    const world = new ChunkWorld(await mkdtemp(join(tmpdir(), "holdfast-chunks-")));
    await writeFile(world.path("old"), world.old);
    await writeFile(world.path("new"), world.fresh);
    return world;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Our index. */
  async index(name: "old" | "new", sizes: ChunkSizes, digest: ChunkDigest): Promise<Buffer> {
    const source = inMemory(name === "old" ? this.old : this.fresh);
    return Buffer.from(formatChunkIndex(await cutFile(source, { sizes, digest })));
  }

  /** Our index, `NAME.caibx`, and every chunk in our store, `ours.castr`. */
  async publish(name: "old" | "new", sizes: ChunkSizes): Promise<void> {
    await mkdir(this.path("ours.castr"), { recursive: true });
    const disk = nodeDisk({ root: "/", process: nodeProcess({ root: "/" }) });
    const store = new ChunkStore(disk, this.path("ours.castr"), "sha512-256");
    const source = inMemory(name === "old" ? this.old : this.fresh);
    const index = await cutFile(source, { sizes });
    const file = { write: async (): Promise<void> => undefined };
    await packChunks({ source, index, before: [], store, newPack: async () => ({ name: "unread.pack", file }) });
    await store.flush();
    await writeFile(this.path(`${name}.caibx`), formatChunkIndex(index));
  }

  /** What we make of another program's index and store, with `old` and its index as a seed. */
  async assemble(index: string, store: string, seedIndex?: string, decompress?: Decompress): Promise<Buffer> {
    const parse = async (path: string): Promise<ReturnType<typeof parseChunkIndex>> =>
      parseChunkIndex(await readFile(this.path(path)));
    const wanted = await parse(index);
    const disk = nodeDisk({ root: "/", process: nodeProcess({ root: "/" }) });
    const plan = planChunks({
      index: wanted,
      supply: { kind: "store", read: new ChunkStore(disk, this.path(store), wanted.digest).read },
      seeds: seedIndex === undefined ? [] : [new Seed(inMemory(this.old), await parse(seedIndex))],
    });
    const parts: Buffer[] = [];
    const io = { fetch: () => neverAsked(), ...(decompress === undefined ? {} : { decompress }) };
    for await (const part of assembleChunks(plan, io)) parts.push(Buffer.from(part));
    return Buffer.concat(parts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

function neverAsked(): never {
  throw new Error("a store has no packs");
}

/** For comparing megabytes with a short message. */
export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
