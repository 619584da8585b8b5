// Small real file systems that can be filled to a byte, run out of inodes, or turn read-only.
import { execFile } from "node:child_process";
import { mkdir, open, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export const diskKinds = ["ext4", "btrfs"] as const;
export type DiskKind = (typeof diskKinds)[number];

const makers: Readonly<Record<DiskKind, { readonly bytes: number; readonly argv: readonly string[] }>> = {
  // Few inodes, so that running out of them takes no time; no journal, so that all of it can be filled.
  ext4: { bytes: 12 << 20, argv: ["mkfs.ext4", "-q", "-m", "0", "-N", "96", "-O", "^has_journal"] },
  btrfs: { bytes: 64 << 20, argv: ["mkfs.btrfs", "-q", "--mixed"] },
};

const filler = "filler";
const inodes = "inodes";

export class SmallDisk implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async mount(kind: DiskKind, folder: string, image: string): Promise<SmallDisk> {
    const { bytes, argv } = makers[kind];
    await mkdir(folder, { recursive: true });
    {
      await using file = await open(image, "wx");
      await file.truncate(bytes);
    }
    const [program = "", ...options] = argv;
    await run(program, [...options, image]);
    await run("mount", ["-o", "loop", image, folder]);
    return new SmallDisk(folder);
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.folder);
    return bavail * bsize;
  }

  /** Takes everything but so many bytes; what cannot be had is left. */
  async leave(freeBytes: number): Promise<void> {
    // btrfs counts what was deleted only when it has written that down.
    await run("sync", ["--file-system", this.folder]);
    const take = (await this.freeBytes()) - freeBytes;
    if (take <= 0) return;
    await run("fallocate", ["--length", String(take), join(this.folder, filler)]).catch(async () =>
      this.#byWriting(freeBytes),
    );
  }

  async #byWriting(freeBytes: number): Promise<void> {
    for (let step = 1 << 20; step >= 4096; step /= 2)
      for (let left = await this.freeBytes(); left - freeBytes >= step; left = await this.freeBytes()) {
        const went = await writeFile(join(this.folder, filler), Buffer.alloc(step, 1), { flag: "a", flush: true }).then(
          () => true,
          () => false,
        );
        if (!went) break;
      }
  }

  /** Takes all inodes but so many. */
  async leaveInodes(count: number): Promise<void> {
    await mkdir(join(this.folder, inodes), { recursive: true });
    for (let number = 0; (await statfs(this.folder)).ffree > count; number++)
      await writeFile(join(this.folder, inodes, String(number)), "");
  }

  /** What was taken is free again. */
  async giveBack(): Promise<void> {
    await rm(join(this.folder, filler), { force: true });
    await rm(join(this.folder, inodes), { recursive: true, force: true });
  }

  /** Refused by the kernel while a file is open for writing: then `false`. */
  async readOnly(yes: boolean): Promise<boolean> {
    return run("mount", ["-o", `remount,${yes ? "ro" : "rw"}`, this.folder]).then(
      () => true,
      () => false,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("umount", ["--lazy", this.folder]);
  }
}

/** Why these cannot be had here; `undefined`: they can. */
export async function whyNoSmallDisk(kind: DiskKind, folder: string): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "full disks: only root may mount";
  try {
    await using _disk = await SmallDisk.mount(kind, join(folder, `probe-${kind}`), join(folder, `probe-${kind}.image`));
    return undefined;
  } catch (error) {
    return `${kind} that is full: ${(error as Error).message.trim().split("\n").at(-1)}`;
  }
}
