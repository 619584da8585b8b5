// Freshly made file systems in image files, mounted through loop devices: what a campaign's machines live on.
import { execFile, spawnSync } from "node:child_process";
import { copyFile, mkdir, open, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

export const fileSystems = ["ext4", "btrfs"] as const;
export type FileSystem = (typeof fileSystems)[number];

/** How long processes that a kill left behind may hold on to the file system. */
const releaseMsMax = 5000;

/** A mounted image; it is unmounted when it is disposed of, and throws when something still holds it. */
export class LoopDisk implements AsyncDisposable {
  readonly folder: string;
  readonly #atExit: () => void;

  private constructor(folder: string) {
    this.folder = folder;
    this.#atExit = () => void spawnSync("umount", ["--lazy", folder]);
    // Before the folder itself is removed.
    process.prependOnceListener("exit", this.#atExit);
  }

  /** An empty file system in a new image. */
  static async format(kind: FileSystem, image: string, bytes: number): Promise<void> {
    {
      await using file = await open(image, "wx");
      await file.truncate(bytes);
    }
    await run(`mkfs.${kind}`, ["-q", image]);
  }

  /** A copy of an image, holes included, so that each run starts from the same inodes and times. */
  static async copy(image: string, target: string): Promise<void> {
    await rm(target, { force: true });
    await run("cp", ["--sparse=always", "--reflink=auto", image, target]).catch(async () => copyFile(image, target));
  }

  static async mount(image: string, folder: string): Promise<LoopDisk> {
    await mkdir(folder, { recursive: true });
    await run("mount", ["-o", "loop", image, folder]);
    return new LoopDisk(folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Another process's mount namespace may hold the file system beyond the end of ours: the image is to be whole now.
    await run("sync", ["--file-system", this.folder]);
    const end = performance.now() + releaseMsMax;
    for (;;) {
      const error = await run("umount", [this.folder]).then(
        () => undefined,
        (reason: Error) => reason,
      );
      if (error === undefined) return void process.off("exit", this.#atExit);
      if (performance.now() > end) {
        await run("umount", ["--lazy", this.folder]);
        process.off("exit", this.#atExit);
        throw error;
      }
      await sleep(50);
    }
  }
}

/** Why no such file system can be made and mounted here; `undefined`: it can. */
export async function whyNotMountable(kind: FileSystem, folder: string): Promise<string | undefined> {
  const image = `${folder}/probe-${kind}`;
  try {
    if (process.getuid?.() !== 0) return "only root may mount";
    await LoopDisk.format(kind, image, 128 << 20);
    await using _disk = await LoopDisk.mount(image, `${image}-mounted`);
    return undefined;
  } catch (error) {
    return `${kind} on a loop device does not work here: ${(error as Error).message.trim().split("\n").at(-1)}`;
  } finally {
    await rm(image, { force: true });
  }
}
