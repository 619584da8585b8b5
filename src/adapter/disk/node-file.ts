// An open file of the real disk (disk model): reads and writes are complete or throw, sync is trusted only once.
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { Fault } from "../../base/fault.ts";
import type { DiskFile, MachinePath } from "../../port/disk.ts";
import { deviceSize } from "./device-size.ts";
import { diskFault, orFault } from "./errno.ts";

export type BufferedMode = "read" | "create" | "modify";

const flags: Readonly<Record<BufferedMode, number>> = {
  read: constants.O_RDONLY,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
  modify: constants.O_RDWR,
};

/** Opens what is at `host`; folders are refused, block devices have the size the kernel knows. */
export async function openFile(host: string, path: MachinePath, mode: BufferedMode): Promise<NodeFile> {
  const handle = await orFault(
    `${mode === "create" ? "create" : "open"} ${path}`,
    open(host, flags[mode] | constants.O_NOCTTY, 0o644),
  );
  try {
    return new NodeFile(path, handle, mode !== "read", await fixedSize(handle, host, path));
  } catch (error) {
    await handle.close();
    throw diskFault(`open ${path}`, error);
  }
}

/** `undefined` for a file, the size for a block device, a Fault for what has no content to address. */
export async function fixedSize(handle: FileHandle, host: string, path: MachinePath): Promise<number | undefined> {
  const stat = await handle.stat();
  if (stat.isFile()) return undefined;
  if (stat.isBlockDevice()) return deviceSize(host);
  throw new Fault("io-error", `Cannot open ${path}: it is ${stat.isDirectory() ? "a folder" : "not a file"}`);
}

class NodeFile implements DiskFile {
  readonly path: MachinePath;
  readonly #handle: FileHandle;
  readonly #writable: boolean;
  readonly #deviceBytes: number | undefined;
  #abandoned: unknown;

  constructor(path: MachinePath, handle: FileHandle, writable: boolean, deviceBytes: number | undefined) {
    this.path = path;
    this.#handle = handle;
    this.#writable = writable;
    this.#deviceBytes = deviceBytes;
  }

  async size(): Promise<number> {
    return this.#deviceBytes ?? (await orFault(`look at ${this.path}`, this.#handle.stat())).size;
  }

  async read(offset: number, into: Uint8Array): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const { bytesRead } = await orFault(
        `read ${this.path}`,
        this.#handle.read(into, done, into.length - done, offset + done),
      );
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    this.#requireWritable();
    let done = 0;
    while (done < bytes.length) {
      done += (await orFault(`write ${this.path}`, this.#handle.write(bytes, done, bytes.length - done, offset + done)))
        .bytesWritten;
    }
  }

  async truncate(sizeBytes: number): Promise<void> {
    this.#requireWritable();
    await orFault(`resize ${this.path}`, this.#handle.truncate(sizeBytes));
  }

  async sync(): Promise<void> {
    if (this.#abandoned !== undefined) {
      throw new Fault("io-error", `Cannot flush ${this.path}: an earlier flush failed, so what it holds is unknown`, {
        cause: this.#abandoned,
      });
    }
    try {
      await orFault(`flush ${this.path}`, this.#handle.sync());
    } catch (error) {
      this.#abandoned = error;
      throw error;
    }
  }

  async setMode(mode: number): Promise<void> {
    await orFault(`set the mode of ${this.path}`, this.#handle.chmod(mode));
  }

  async setTime(mtimeUs: bigint): Promise<void> {
    // Seconds travel as a double: half a microsecond more makes sure that cutting to nanoseconds keeps the microsecond.
    const seconds = (Number(mtimeUs) + 0.5) / 1e6;
    await orFault(`set the time of ${this.path}`, this.#handle.utimes(seconds, seconds));
  }

  async setOwner(uid: number, gid: number): Promise<void> {
    await orFault(`set the owner of ${this.path}`, this.#handle.chown(uid, gid));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  #requireWritable(): void {
    if (!this.#writable) throw new Fault("no-permission", `Cannot write ${this.path}: it was opened for reading`);
  }
}
