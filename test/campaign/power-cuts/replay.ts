// Makes the disk that a power cut leaves: a base that grows from flush to flush, and a copy of it with what got through.
import { constants } from "node:fs";
import { copyFile, type FileHandle, open, rm } from "node:fs/promises";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Cut, Epoch, Piece } from "./cuts.ts";

const run = promisify(execFile);

/** Copies keep their holes. */
export async function copySparse(source: string, target: string): Promise<void> {
  await rm(target, { force: true });
  await run("cp", ["--sparse=always", "--reflink=auto", source, target]).catch(async () =>
    copyFile(source, target, constants.COPYFILE_FICLONE),
  );
}

export class Replay implements AsyncDisposable {
  readonly #base: string;
  readonly #file: FileHandle;
  readonly #log: FileHandle;
  readonly #epochs: readonly Epoch[];
  #applied = 0;

  private constructor(base: string, file: FileHandle, log: FileHandle, epochs: readonly Epoch[]) {
    this.#base = base;
    this.#file = file;
    this.#log = log;
    this.#epochs = epochs;
  }

  /** `base` is the disk as it was before the recording; it is changed. */
  static async open(base: string, logPath: string, epochs: readonly Epoch[]): Promise<Replay> {
    return new Replay(base, await open(base, "r+"), await open(logPath), epochs);
  }

  /** Writes the disk of a cut to `target`. Cuts come in the order of their epochs. */
  async make({ epoch, kept }: Cut, target: string): Promise<void> {
    if (epoch < this.#applied) throw new Error("Cuts are replayed in the order of their epochs");
    for (; this.#applied < epoch; this.#applied++)
      for (const piece of this.#epochs[this.#applied]?.pieces ?? []) await this.#put(this.#file, piece);
    await copySparse(this.#base, target);
    await using file = await open(target, "r+");
    const { pieces } = this.#epochs[epoch] ?? { pieces: [] };
    for (const index of kept) if (pieces[index] !== undefined) await this.#put(file, pieces[index]);
  }

  async #put(target: FileHandle, { offset, bytes, dataOffset }: Piece): Promise<void> {
    const data = Buffer.alloc(bytes);
    const { bytesRead } = await this.#log.read(data, 0, bytes, dataOffset);
    if (bytesRead !== bytes) throw new Error("Cannot replay a write: the log was cut since it was read");
    await target.write(data, 0, bytes, offset);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
    await this.#log.close();
  }
}
