// A store of one file a chunk on a disk, as casync and desync read it: `abcd/<64 hex digits>.cacnk`.
import { Fault } from "../../base/fault.ts";
import { folderOf } from "../../base/machine-path.ts";
import type { Chunk, ChunkDigest } from "../../format/chunk-index.ts";
import type { Disk, MachinePath } from "../../port/disk.ts";
import { nameOf } from "./chunk-id.ts";
import { chunkPath, openStored, type ReadStored, storedBytesMax } from "./stored-chunk.ts";

/**
 * Writes are atomic: a staging name (a leading dot, so that nobody serves it), flushed, read back, renamed. Names are
 * durable once `flush` has returned. One publisher writes at a time; writes of different chunks may run at once.
 */
export class ChunkStore {
  readonly #disk: Disk;
  readonly #folder: MachinePath;
  readonly #digest: ChunkDigest;
  /** Of the folders: whether they are there, and whose names are not flushed yet. */
  readonly #made: Map<MachinePath, Promise<void>> = new Map();
  readonly #unflushed: Set<MachinePath> = new Set();

  /** `folder` must exist. */
  constructor(disk: Disk, folder: MachinePath, digest: ChunkDigest) {
    this.#disk = disk;
    this.#folder = folder;
    this.#digest = digest;
  }

  /** For `readStoredChunk` and `planChunks`. */
  readonly read: ReadStored = async (path, bytesMax) => {
    const place = `${this.#folder}/${path}`;
    const stat = await this.#disk.stat(place);
    if (stat?.kind !== "file") return undefined;
    if (stat.sizeBytes > bytesMax)
      throw new Fault("chunk-damaged", `Cannot use the chunk in ${place}: it has ${stat.sizeBytes} bytes`);
    return this.#bytesOf(place, stat.sizeBytes);
  };

  /** Whether the chunk is there and intact; its name is durable after the next `flush`. */
  async has(chunk: Chunk): Promise<boolean> {
    try {
      const path = chunkPath(chunk.id);
      const stored = await this.read(path, storedBytesMax(chunk.length));
      if (stored === undefined) return false;
      await openStored(stored, chunk, this.#digest);
      // Who wrote it may have been ended before the flush.
      this.#unflushed.add(folderOf(`${this.#folder}/${path}`));
      return true;
    } catch (error) {
      if (error instanceof Fault && error.code.startsWith("chunk-")) return false;
      throw error;
    }
  }

  /** Puts a compressed chunk there, in place of a damaged one if need be. Fault `write-failed`, and those of the disk. */
  async write(id: Uint8Array, stored: Uint8Array): Promise<void> {
    const place = `${this.#folder}/${chunkPath(id)}`;
    const folder = folderOf(place);
    let made = this.#made.get(folder);
    if (made === undefined) {
      made = this.#make(folder);
      this.#made.set(folder, made);
    }
    await made;
    const staging = `${folder}/.${nameOf(id)}`;
    if ((await this.#disk.stat(staging)) !== undefined) await this.#disk.remove(staging);
    {
      await using file = await this.#disk.open(staging, "create");
      await file.write(0, stored);
      await file.sync();
    }
    const found = await this.#bytesOf(staging, stored.length, "medium");
    if (Buffer.compare(found, stored) !== 0) {
      await this.#disk.remove(staging);
      throw new Fault("write-failed", `Cannot write ${place}: the disk returns other bytes than were written`);
    }
    this.#unflushed.add(folder);
    await this.#disk.replace(staging, place);
  }

  /** Makes the names of what was written durable. */
  async flush(): Promise<void> {
    const folders = [...this.#unflushed];
    this.#unflushed.clear();
    for (const folder of folders) await this.#disk.syncFolder(folder);
    if (folders.length > 0) await this.#disk.syncFolder(this.#folder);
  }

  async #make(folder: MachinePath): Promise<void> {
    if ((await this.#disk.stat(folder)) === undefined) await this.#disk.makeFolder(folder);
  }

  async #bytesOf(path: MachinePath, sizeBytes: number, mode: "read" | "medium" = "read"): Promise<Uint8Array> {
    await using file = await this.#disk.open(path, mode);
    const bytes = new Uint8Array(sizeBytes);
    return bytes.subarray(0, await file.read(0, bytes));
  }
}
