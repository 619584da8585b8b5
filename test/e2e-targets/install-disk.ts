// What the tests of `holdfast image install` share: a signed repository of small releases, a run of the command, and a
// look at the disk with other programs than those that made it.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createSigningKey, type SigningKey } from "../../tools/lab/signing.ts";
import { makeUsrRelease, type UsrReleaseOptions } from "../../tools/lab/usr-release.ts";
import { type Ended, startHoldfast } from "../e2e/run.ts";

const run = promisify(execFile);
export const MiB: number = 1 << 20;

export class InstallPlace implements AsyncDisposable {
  readonly folder: string;
  readonly key: SigningKey;

  private constructor(folder: string, key: SigningKey) {
    this.folder = folder;
    this.key = key;
  }

  static async make(): Promise<InstallPlace> {
    const folder = await mkdtemp(join(tmpdir(), "holdfast-install-"));
    const place = new InstallPlace(folder, await createSigningKey());
    await writeFile(place.at("key.pgp"), place.key.publicKeyring);
    return place;
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  /** A folder with releases and their list; what `leaveOut` matches is not listed. */
  async publish(
    name: string,
    releases: readonly UsrReleaseOptions[],
    options: { readonly key?: SigningKey | undefined; readonly leaveOut?: RegExp } = { key: this.key },
  ): Promise<string> {
    const folder = this.at(name);
    await mkdir(folder);
    let text = "";
    for (const release of releases)
      for (const [file, { sha256 }] of await makeUsrRelease(folder, release))
        if (options.leaveOut?.test(file) !== true) text += `${sha256} *${file}\n`;
    await writeFile(join(folder, "SHA256SUMS"), text);
    if (options.key !== undefined)
      await writeFile(join(folder, "SHA256SUMS.gpg"), await options.key.sign(Buffer.from(text)));
    return folder;
  }

  arguments(disk: string, repository: string, more: readonly string[] = []): readonly string[] {
    const fixed = ["--source=http://127.0.0.1:9/os", `--keyring=${this.at("key.pgp")}`, `--scratch=${this.folder}`];
    return ["image", "install", disk, `--release=${repository}`, ...fixed, ...more];
  }

  async install(disk: string, repository: string, ...more: readonly string[]): Promise<Ended> {
    return startHoldfast(this.arguments(disk, repository, more)).ended;
  }

  /** Sends `signal` when step `index` begins. */
  async interrupt(
    disk: string,
    repository: string,
    index: number,
    signal: NodeJS.Signals,
    ...more: readonly string[]
  ): Promise<Ended> {
    const args = this.arguments(disk, repository, [...more, "--progress-fd=3"]);
    const { child, ended } = startHoldfast(args, { pipe3: true });
    let text = "";
    child.stdio[3]?.on("data", (bytes: Buffer) => {
      text += bytes.toString();
      if (text.includes(`{"kind":"step","index":${index},`)) child.kill(signal);
    });
    return ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

export interface FoundPartition {
  readonly label: string;
  readonly type: string;
  readonly uuid: string;
  readonly offset: number;
  readonly bytes: number;
}

/** The table as sfdisk reads it; `undefined` when there is none. */
export async function partitionsOf(disk: string): Promise<readonly FoundPartition[] | undefined> {
  const { stdout } = await run("sfdisk", ["--json", disk]).catch(() => ({ stdout: "" }));
  if (stdout === "") return undefined;
  const { partitiontable } = JSON.parse(stdout) as {
    readonly partitiontable: {
      readonly partitions?: readonly { name: string; type: string; uuid: string; start: number; size: number }[];
    };
  };
  return (partitiontable.partitions ?? []).map(({ name, type, uuid, start, size }) => ({
    label: name,
    type: type.toLowerCase(),
    uuid: uuid.toLowerCase(),
    offset: start * 512,
    bytes: size * 512,
  }));
}

/** Whether firmware could take the disk for one to start from: a table of either kind, at either end, or a file system. */
export async function looksBootable(disk: string): Promise<boolean> {
  const { stdout } = await run("wipefs", ["--no-act", "--parsable", disk]);
  return (
    (await partitionsOf(disk)) !== undefined || stdout.split("\n").some((line) => line !== "" && !line.startsWith("#"))
  );
}

/** Copies a partition out of the disk. */
export async function cutOut(disk: string, partition: FoundPartition, to: string): Promise<void> {
  const mib = (bytes: number): string => String(bytes / MiB);
  const where = [`skip=${mib(partition.offset)}`, `count=${mib(partition.bytes)}`];
  await run("dd", [`if=${disk}`, `of=${to}`, "bs=1M", ...where, "conv=sparse", "status=none"]);
}

/** The machine's tree as its root would be mounted: the system partition, the ESP at /boot, the image of version 2 at /usr. */
export async function mountedTree(disk: string, place: InstallPlace): Promise<string> {
  const partitions = (await partitionsOf(disk)) ?? [];
  const tree = place.at(`tree-${partitions.length}`);
  await rm(tree, { recursive: true, force: true });
  await mkdir(tree);
  const [esp, system] = [partitions[0], partitions.at(-1)];
  if (esp === undefined || system === undefined) throw new Error("The disk has no partitions");
  await cutOut(disk, esp, place.at("esp.fat"));
  await cutOut(disk, system, place.at("system.ext4"));
  await run("fsck.fat", ["-n", place.at("esp.fat")]);
  await run("e2fsck", ["-fn", place.at("system.ext4")]);
  await run("debugfs", ["-R", `rdump / ${tree}`, place.at("system.ext4")]);
  await run("mcopy", ["-s", "-Q", "-n", "-i", place.at("esp.fat"), "::/EFI", "::/loader", join(tree, "boot")]);
  const slot = partitions.find(({ label }) => label === "os_2");
  if (slot !== undefined) await cutOut(disk, slot, place.at("slot.erofs"));
  const image = slot === undefined ? join(tree, "system/os_2.erofs") : place.at("slot.erofs");
  await run("fsck.erofs", [`--extract=${join(tree, "usr")}`, "--overwrite", image]);
  return tree;
}

/** Why block devices cannot be had here; `undefined` when they can. */
export async function whyNoLoops(): Promise<string | undefined> {
  if (process.geteuid?.() !== 0) return "loop devices need root";
  return run("losetup", ["--find"]).then(
    () => undefined,
    () => "no loop device can be had",
  );
}

export interface LoopDevice extends AsyncDisposable {
  readonly device: string;
}

/** A file as a block device, from `offset` on. */
export async function attach(file: string, offset = 0): Promise<LoopDevice> {
  const { stdout } = await run("losetup", ["--find", "--show", `--offset=${offset}`, file]);
  const device = stdout.trim();
  return {
    device,
    [Symbol.asyncDispose]: async () => {
      await run("losetup", ["--detach", device]);
    },
  };
}

/** A file system inside a file, mounted; `device` is the loop device it is mounted from. */
export async function mountPart(file: string, offset: number, folder: string): Promise<LoopDevice> {
  const loop = await attach(file, offset);
  await mkdir(folder);
  await run("mount", [loop.device, folder]);
  return {
    device: loop.device,
    [Symbol.asyncDispose]: async () => {
      await run("umount", [folder]);
      await loop[Symbol.asyncDispose]();
    },
  };
}
