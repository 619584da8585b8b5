// The Disk port on the real machine, or on the tree of one: every path stays inside `root` (disk model, P6).
import { constants } from "node:fs";
import {
  chmod,
  chown,
  lchown,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rmdir,
  stat,
  statfs,
  symlink,
  unlink,
} from "node:fs/promises";
import { Fault } from "../../base/fault.ts";
import type {
  Disk,
  DiskFile,
  FileStat,
  FileSystem,
  FolderItem,
  MachinePath,
  NodeKind,
  OpenMode,
} from "../../port/disk.ts";
import type { Process } from "../../port/process.ts";
import { diskFault, orFault } from "./errno.ts";
import { locate, type Located } from "./locate.ts";
import { AlignedBuffers, openMedium } from "./medium-file.ts";
import { mountOf, parseMounts } from "./mounts.ts";
import { openFile } from "./node-file.ts";
import { reserve } from "./reserve.ts";
import { makeSubvolume, removeSubvolume, setReadOnly } from "./trees.ts";

export interface NodeDiskOptions {
  /** The folder of the host that is the machine's `/`: absolute, without links and without a slash at its end. */
  readonly root: string;
  readonly process: Process;
}

export function nodeDisk(options: NodeDiskOptions): Disk {
  return new NodeDisk(options.root, options.process);
}

interface Kinds {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  isBlockDevice(): boolean;
  isCharacterDevice(): boolean;
}

function kindOf(node: Kinds): NodeKind {
  if (node.isFile()) return "file";
  if (node.isDirectory()) return "folder";
  if (node.isSymbolicLink()) return "symlink";
  return node.isBlockDevice() || node.isCharacterDevice() ? "device" : "other";
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** `undefined` when the error only means that nothing is there; throws otherwise. */
function absent(doing: string, error: unknown): undefined {
  const fault = diskFault(doing, error);
  const nothing =
    fault instanceof Fault &&
    (["not-found", "not-a-folder"].includes(fault.code) || fault.details["errno"] === "ENAMETOOLONG");
  if (!nothing) throw fault;
}

class NodeDisk implements Disk {
  readonly #root: string;
  readonly #process: Process;
  readonly #buffers = new AlignedBuffers();
  /** Looking whether a name is free and renaming are two calls (no renameat2): ours at least take turns. */
  #renaming: Promise<unknown> = Promise.resolve();

  constructor(root: string, process: Process) {
    this.#root = root;
    this.#process = process;
  }

  /** The thing itself, links followed. */
  #target(path: MachinePath): Promise<Located> {
    return orFault(`look at ${path}`, locate(this.#root, path, true));
  }

  /** The name itself: links in its folders are followed, the last component is not. */
  #name(path: MachinePath): Promise<Located> {
    return orFault(`look at ${path}`, locate(this.#root, path, false));
  }

  async #existing(path: MachinePath, doing: string): Promise<string> {
    const { host, present } = await this.#target(path);
    // A link to nowhere, or in a circle: the host path may then not be inside the root.
    if (!present) throw new Fault("not-found", `Cannot ${doing} ${path}: it does not exist`);
    return host;
  }

  async list(folder: MachinePath): Promise<readonly FolderItem[]> {
    const host = await this.#existing(folder, "list");
    const items = await orFault(`list ${folder}`, readdir(host, { withFileTypes: true }));
    const sorted = items.map((item) => ({ bytes: Buffer.from(item.name), name: item.name, kind: kindOf(item) }));
    return sorted.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ name, kind }) => ({ name, kind }));
  }

  async stat(path: MachinePath): Promise<FileStat | undefined> {
    try {
      const { host } = await this.#name(path);
      const found = await lstat(host, { bigint: true });
      return {
        kind: kindOf(found),
        sizeBytes: Number(found.size),
        takenBytes: Number(found.blocks) * 512,
        mode: Number(found.mode & 0o7777n),
        uid: Number(found.uid),
        gid: Number(found.gid),
        mtimeUs: found.mtimeNs / 1000n,
        stamp: `${found.ino}-${found.ctimeNs}-${found.size}`,
        links: Number(found.nlink),
      };
    } catch (error) {
      return absent(`look at ${path}`, error);
    }
  }

  async resolve(path: MachinePath): Promise<MachinePath | undefined> {
    try {
      const located = await this.#target(path);
      return located.present ? located.path : undefined;
    } catch (error) {
      return absent(`follow ${path}`, error);
    }
  }

  async readLink(path: MachinePath): Promise<string> {
    return orFault(`read the link ${path}`, readlink((await this.#name(path)).host));
  }

  async open(path: MachinePath, mode: OpenMode): Promise<DiskFile> {
    if (mode === "create") return openFile((await this.#name(path)).host, path, mode);
    const host = path.startsWith("/dev/") ? await this.#deviceOrFile(path) : await this.#existing(path, "open");
    return mode === "medium" ? openMedium(host, path, this.#buffers, this.#process) : openFile(host, path, mode);
  }

  /** Block devices are the host's also for the tree of a machine: an image on a loop device, say. */
  async #deviceOrFile(path: MachinePath): Promise<string> {
    const device = await locate("/", path, true);
    const isDevice = device.present && device.path.startsWith("/dev/") && (await stat(device.host)).isBlockDevice();
    return isDevice ? device.host : this.#existing(path, "open");
  }

  rename(from: MachinePath, to: MachinePath): Promise<void> {
    const turn = this.#renaming.then(() => this.#renameInTurn(from, to));
    this.#renaming = turn.catch(() => undefined);
    return turn;
  }

  async #renameInTurn(from: MachinePath, to: MachinePath): Promise<void> {
    const doing = `rename ${from} to ${to}`;
    const source = (await this.#name(from)).host;
    const target = (await this.#name(to)).host;
    const taken = await lstat(target).then(
      () => true,
      () => false,
    );
    if (taken) throw new Fault("exists", `Cannot ${doing}: ${to} exists already`);
    await orFault(doing, rename(source, target));
  }

  async replace(from: MachinePath, to: MachinePath): Promise<void> {
    await orFault(`replace ${to} by ${from}`, rename((await this.#name(from)).host, (await this.#name(to)).host));
  }

  async symlink(
    target: string,
    path: MachinePath,
    owner?: { readonly uid: number; readonly gid: number },
  ): Promise<void> {
    const { host } = await this.#name(path);
    await orFault(`make the link ${path}`, symlink(target, host));
    if (owner !== undefined) await orFault(`set the owner of ${path}`, lchown(host, owner.uid, owner.gid));
  }

  async hardLink(existing: MachinePath, path: MachinePath): Promise<void> {
    await orFault(
      `link ${path} to ${existing}`,
      link((await this.#name(existing)).host, (await this.#name(path)).host),
    );
  }

  async remove(path: MachinePath): Promise<void> {
    await orFault(`remove ${path}`, unlink((await this.#name(path)).host));
  }

  async makeFolder(path: MachinePath): Promise<void> {
    await orFault(`make the folder ${path}`, mkdir((await this.#name(path)).host, 0o755));
  }

  async removeFolder(path: MachinePath): Promise<void> {
    await orFault(`remove the folder ${path}`, rmdir((await this.#name(path)).host));
  }

  async syncFolder(folder: MachinePath): Promise<void> {
    const doing = `flush the folder ${folder}`;
    const handle = await orFault(
      doing,
      open(await this.#existing(folder, "flush"), constants.O_RDONLY | constants.O_DIRECTORY),
    );
    try {
      await orFault(doing, handle.sync());
    } finally {
      await handle.close();
    }
  }

  async setFolderMode(folder: MachinePath, mode: number, uid: number, gid: number): Promise<void> {
    const host = await this.#existing(folder, "change");
    await orFault(`set the owner of ${folder}`, chown(host, uid, gid));
    // After the owner: changing that may clear set-id bits.
    await orFault(`set the mode of ${folder}`, chmod(host, mode));
  }

  async fileSystem(path: MachinePath): Promise<FileSystem> {
    let located = await this.#target(path);
    // What is not there yet will be on the file system of its folder. The path gets shorter each time.
    while (!located.present) located = await this.#target(parentOf(located.path));
    const doing = `look at the file system of ${path}`;
    // First: this is what makes an automount mount, which the list of mounts then shows.
    const space = await orFault(doing, statfs(located.host));
    const mounts = parseMounts(await readFile("/proc/self/mountinfo", "utf8").catch(() => ""));
    const mount = mountOf(mounts, located.host);
    return {
      id: mount?.id ?? String((await orFault(doing, stat(located.host))).dev),
      type: mount?.type ?? "unknown",
      mountPoint: this.#machinePath(mount?.mountPoint ?? "/"),
      device: mount?.source.startsWith("/") === true ? mount.source : undefined,
      totalBytes: space.blocks * space.bsize,
      availableBytes: space.bavail * space.bsize,
      blockBytes: space.bsize,
      readOnly: mount?.options.includes("ro") ?? false,
    };
  }

  /** A mount point of the host as the machine calls it; "/" when the whole tree is inside that mount. */
  #machinePath(host: string): MachinePath {
    if (this.#root === "/") return host;
    return host.startsWith(`${this.#root}/`) ? host.slice(this.#root.length) : "/";
  }

  async reserve(path: MachinePath, sizeBytes: number): Promise<void> {
    await reserve(this.#process, await this.#existing(path, "reserve space for"), path, sizeBytes);
  }

  async setReadOnly(path: MachinePath, readOnly: boolean): Promise<void> {
    await setReadOnly(this.#process, await this.#existing(path, "mark"), path, readOnly);
  }

  async makeSubvolume(path: MachinePath): Promise<void> {
    const { host } = await this.#name(path);
    await makeSubvolume(this.#process, parentOf(host), host, path);
  }

  async removeSubvolume(path: MachinePath): Promise<void> {
    await removeSubvolume(this.#process, (await this.#name(path)).host, path);
  }
}
