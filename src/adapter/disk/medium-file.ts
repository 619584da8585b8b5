// A file read from the medium and not from the page cache, so that read-back proves what is stored (disk model).
// O_DIRECT where the file system takes it; otherwise its clean pages are dropped first, which is a request and no promise.
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { assert } from "../../base/assert.ts";
import { Fault } from "../../base/fault.ts";
import type { DiskFile, MachinePath } from "../../port/disk.ts";
import type { Process } from "../../port/process.ts";
import { diskFault, errnoOf, orFault } from "./errno.ts";
import { fixedSize, openFile } from "./node-file.ts";

/** Of the JavaScript engine, but not in the compiler's library without the DOM. */
declare const WebAssembly: {
  readonly Memory: new (size: {
    readonly initial: number;
    readonly maximum: number;
  }) => { readonly buffer: ArrayBuffer };
};

/** Offsets and lengths of direct reads are multiples of this: a page, and no sector of a disk is larger. */
const alignment = 4096;
const windowBytes = 1024 * 1024;
const wasmPageBytes = 65536;

/** How the bytes were read: `direct` proves the medium, `dropped` asked the cache to forget, `cached` proves nothing. */
export type ReadPath = "direct" | "dropped" | "cached";

export interface MediumFile extends DiskFile {
  readonly readPath: ReadPath;
}

/** Aligned buffers, kept for the next file: each WebAssembly.Memory reserves gigabytes of address space. */
export class AlignedBuffers {
  readonly #free: Uint8Array[] = [];

  take(): Uint8Array {
    const pages = windowBytes / wasmPageBytes;
    return this.#free.pop() ?? new Uint8Array(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer);
  }

  give(buffer: Uint8Array): void {
    this.#free.push(buffer);
  }
}

export async function openMedium(
  host: string,
  path: MachinePath,
  buffers: AlignedBuffers,
  process: Process,
): Promise<MediumFile> {
  let handle: FileHandle;
  try {
    handle = await open(host, constants.O_RDONLY | constants.O_DIRECT | constants.O_NOCTTY);
  } catch (error) {
    // open(2): EINVAL is how a file system says that it does not do O_DIRECT (tmpfs before 6.6, some FUSE).
    if (errnoOf(error) === "EINVAL") return openDropped(host, path, process);
    throw diskFault(`open ${path}`, error);
  }
  const buffer = buffers.take();
  try {
    const deviceBytes = await fixedSize(handle, host, path);
    // Some file systems take the flag and refuse the read.
    await handle.read(buffer, 0, alignment, 0);
    return new DirectFile(path, handle, deviceBytes, buffer, buffers);
  } catch (error) {
    await handle.close();
    buffers.give(buffer);
    if (errnoOf(error) === "EINVAL") return openDropped(host, path, process);
    throw diskFault(`open ${path}`, error);
  }
}

/** GNU dd with `nocache` and no count is fadvise(DONTNEED) for the whole file; it drops clean pages that nobody has mapped. */
async function openDropped(host: string, path: MachinePath, process: Process): Promise<MediumFile> {
  let readPath: ReadPath = "cached";
  try {
    const { exitCode } = await process.run("dd", [`if=${host}`, "iflag=nocache", "count=0", "status=none"], {
      timeoutMs: 30_000,
    });
    if (exitCode === 0) readPath = "dropped";
  } catch (error) {
    // Without dd the bytes come from wherever the kernel has them, and `readPath` says so.
    if (!(error instanceof Fault)) throw error;
  }
  return Object.assign(await openFile(host, path, "read"), { readPath });
}

class DirectFile implements MediumFile {
  readonly path: MachinePath;
  readonly readPath = "direct";
  readonly #handle: FileHandle;
  readonly #deviceBytes: number | undefined;
  readonly #buffers: AlignedBuffers;
  #buffer: Uint8Array | undefined;
  /** What the buffer holds, and up to where it has been handed out: no byte is served twice from one read of the medium. */
  #start = 0;
  #length = 0;
  #served = 0;
  /** Reads share one buffer, so they take turns. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    path: MachinePath,
    handle: FileHandle,
    deviceBytes: number | undefined,
    buffer: Uint8Array,
    buffers: AlignedBuffers,
  ) {
    this.path = path;
    this.#handle = handle;
    this.#deviceBytes = deviceBytes;
    this.#buffer = buffer;
    this.#buffers = buffers;
  }

  async size(): Promise<number> {
    return this.#deviceBytes ?? (await orFault(`look at ${this.path}`, this.#handle.stat())).size;
  }

  read(offset: number, into: Uint8Array): Promise<number> {
    const turn = this.#turn.then(() => this.#readInTurn(offset, into));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #readInTurn(offset: number, into: Uint8Array): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const wanted = offset + done;
      if (wanted < this.#served || wanted < this.#start || wanted >= this.#start + this.#length) {
        await this.#fill(wanted, into.length - done);
        if (wanted >= this.#start + this.#length) break;
      }
      const from = wanted - this.#start;
      const piece = this.#requireBuffer().subarray(from, Math.min(this.#length, from + into.length - done));
      into.set(piece, done);
      done += piece.length;
      this.#served = wanted + piece.length;
    }
    return done;
  }

  /** Reads the aligned blocks around `offset`: at least `count` bytes of them where the buffer and the file have so many. */
  async #fill(offset: number, count: number): Promise<void> {
    const start = offset - (offset % alignment);
    const wanted = Math.ceil((offset + count - start) / alignment) * alignment;
    // Small reads one after the other become large ones; a single small read stays small.
    const sequential = offset === this.#served && offset > 0;
    const length = sequential ? windowBytes : Math.min(windowBytes, wanted);
    this.#length = 0;
    const { bytesRead } = await orFault(
      `read ${this.path}`,
      this.#handle.read(this.#requireBuffer(), 0, length, start),
    );
    this.#start = start;
    this.#length = bytesRead;
    this.#served = start;
  }

  #requireBuffer(): Uint8Array {
    assert(this.#buffer !== undefined, "a closed file is not read");
    return this.#buffer;
  }

  #refuse(): never {
    throw new Fault("no-permission", `Cannot write ${this.path}: it was opened for reading`);
  }

  async write(): Promise<void> {
    this.#refuse();
  }

  async truncate(): Promise<void> {
    this.#refuse();
  }

  async sync(): Promise<void> {
    await orFault(`flush ${this.path}`, this.#handle.sync());
  }

  async setMode(): Promise<void> {
    this.#refuse();
  }

  async setTime(): Promise<void> {
    this.#refuse();
  }

  async setOwner(): Promise<void> {
    this.#refuse();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn;
    if (this.#buffer !== undefined) this.#buffers.give(this.#buffer);
    this.#buffer = undefined;
    await this.#handle.close();
  }
}
