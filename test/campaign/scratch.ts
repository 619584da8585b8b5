// A temporary folder for a part of the campaign; it goes also when the campaign is broken off.
import { rmSync } from "node:fs";
import { mkdtemp, rm, statfs } from "node:fs/promises";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";

const memory = "/dev/shm";
const memoryFreeMin = 8 * (1 << 30);

export class Scratch implements AsyncDisposable {
  readonly folder: string;
  readonly #atExit: () => void;

  private constructor(folder: string) {
    this.folder = folder;
    this.#atExit = () => rmSync(folder, { recursive: true, force: true });
    process.once("exit", this.#atExit);
  }

  /**
   * In memory where there is plenty: a flush then costs nothing, and a SIGKILL does not tell the difference, because
   * what was written stays written.
   */
  static async make(name: string): Promise<Scratch> {
    const { bavail, bsize } = await statfs(memory).catch(() => ({ bavail: 0, bsize: 0 }));
    const isRoomy = bavail * bsize >= memoryFreeMin && freemem() >= memoryFreeMin;
    return new Scratch(await mkdtemp(join(isRoomy ? memory : tmpdir(), `holdfast-${name}-`)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off("exit", this.#atExit);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
