// Small file systems below the tree of a machine, so that one can be full or read-only. Only root may mount.
import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

export const canMount: boolean = process.getuid?.() === 0;

/** Containers often have no loop devices. */
export function canLoop(): boolean {
  try {
    accessSync("/dev/loop-control", constants.W_OK);
    return canMount;
  } catch {
    return false;
  }
}

/** A file system that is unmounted when it is disposed of. */
export class Mount implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** In memory, with room for so many bytes. */
  static async tmpfs(folder: string, bytes: number): Promise<Mount> {
    await mkdir(folder, { recursive: true });
    await run("mount", ["-t", "tmpfs", "-o", `size=${bytes},mode=0755`, "holdfast-e2e", folder]);
    return new Mount(folder);
  }

  /** ext4 in a file, through a loop device. */
  static async ext4(folder: string, image: string, bytes: number): Promise<Mount> {
    await mkdir(folder, { recursive: true });
    {
      await using file = await open(image, "wx");
      await file.truncate(bytes);
    }
    await run("mkfs.ext4", ["-q", "-m", "0", "-O", "^has_journal", image]);
    await run("mount", ["-o", "loop", image, folder]);
    return new Mount(folder);
  }

  async readOnly(yes: boolean): Promise<void> {
    await run("mount", ["-o", `remount,${yes ? "ro" : "rw"}`, this.folder]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("umount", ["--lazy", this.folder]);
  }
}
