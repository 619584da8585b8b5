// The simulated Disk: several file systems in one tree, with what a crash leaves of each (P6; DESIGN, model of a disk).
import { Fault } from "../../base/fault.ts";
import type { Disk, DiskFile, FileStat, FileSystem, FolderItem, MachinePath, OpenMode } from "../../port/disk.ts";
import { CallGate } from "../call-gate.ts";
import type { PlannedFault } from "../fault-plan.ts";
import type { DiskTree } from "./disk-tree.ts";
import { type NodeId, SimError, type SimFileSystem } from "./file-system.ts";
import { failure, type FileHost, SimFile } from "./sim-file.ts";
import { checkPath, type Place, stampOf, viewOf, walk } from "./walk.ts";

export class SimDisk implements Disk, FileHost {
  /** What is on it, for the world around the machine: looking and planting there is no call of the program. */
  readonly tree: DiskTree;
  readonly #gate: CallGate;

  constructor(tree: DiskTree, gate: CallGate = new CallGate()) {
    this.tree = tree;
    this.#gate = gate;
  }

  async list(folder: MachinePath): Promise<readonly FolderItem[]> {
    const place = this.#need("list", folder, true, false);
    const node = this.#needFolder("list", folder, place);
    return place.fs.items(node).items;
  }

  async stat(path: MachinePath): Promise<FileStat | undefined> {
    const found = this.#walk("stat", path, false, false);
    if (found === undefined || found.node === undefined) return undefined;
    const view = found.fs.view(found.node);
    const { kind, mode, uid, gid, mtimeUs, links } = view;
    const stamp = stampOf(found) ?? "";
    const takenBytes = found.fs.takenBytes(found.node);
    return { kind, sizeBytes: view.sizeBytes, takenBytes, mode, uid, gid, mtimeUs, stamp, links };
  }

  async resolve(path: MachinePath): Promise<MachinePath | undefined> {
    const found = this.#walk("resolve", path, true, false);
    return found?.node === undefined ? undefined : found.path;
  }

  async readLink(path: MachinePath): Promise<string> {
    const view = viewOf(this.#need("read", path, false, false, "readLink"));
    if (view === undefined) throw missing("read", path);
    if (view.target === undefined) throw new Fault("io-error", `Cannot read ${path}: it is no symbolic link`);
    return view.target;
  }

  async open(path: MachinePath, mode: OpenMode): Promise<DiskFile> {
    const verb = mode === "create" ? "create" : "open";
    const place = this.#need(verb, path, mode !== "create", mode === "create", "open");
    if (mode === "create") {
      if (place.node !== undefined) throw new Fault("exists", `Cannot create ${path}: it is already there`);
      const node = this.#change(verb, path, place, () =>
        place.fs.create(place.folder, place.name, { kind: "file", mode: 0o600 }),
      );
      return new SimFile(this, path, place.fs, node, mode);
    }
    const view = viewOf(place);
    if (place.node === undefined || view === undefined) throw missing(verb, path);
    if (view.kind !== "file") throw new Fault("io-error", `Cannot open ${path}: it is a ${view.kind}`);
    if (mode === "modify") this.#needWritable(verb, path, place);
    return new SimFile(this, path, place.fs, place.node, mode);
  }

  async rename(from: MachinePath, to: MachinePath): Promise<void> {
    this.#move("rename", from, to, false);
  }

  async replace(from: MachinePath, to: MachinePath): Promise<void> {
    this.#move("replace", from, to, true);
  }

  async symlink(target: string, path: MachinePath): Promise<void> {
    const place = this.#vacant("link", path, "symlink");
    this.#change("link", path, place, () =>
      place.fs.create(place.folder, place.name, { kind: "symlink", mode: 0o777, target }),
    );
  }

  async hardLink(existing: MachinePath, path: MachinePath): Promise<void> {
    const source = this.#need("link", existing, false, true, "hardLink");
    if (source.node === undefined) throw missing("link", existing);
    const node = source.node;
    const place = this.#quietVacant("link", path);
    if (place.fs !== source.fs)
      throw new Fault("io-error", `Cannot link ${path}: ${existing} is on another file system`);
    if (viewOf(source)?.kind === "folder")
      throw new Fault("no-permission", `Cannot link ${path}: ${existing} is a folder`);
    this.#change("link", path, place, () => place.fs.link(place.folder, place.name, node));
  }

  async remove(path: MachinePath): Promise<void> {
    const place = this.#need("remove", path, false, true);
    if (place.node === undefined) throw missing("remove", path);
    if (viewOf(place)?.kind === "folder") throw new Fault("io-error", `Cannot remove ${path}: it is a folder`);
    this.#change("remove", path, place, () => place.fs.unlink(place.folder, place.name));
  }

  async makeFolder(path: MachinePath): Promise<void> {
    const place = this.#vacant("create", path, "makeFolder");
    this.#change("create", path, place, () =>
      place.fs.create(place.folder, place.name, { kind: "folder", mode: 0o755 }),
    );
  }

  async removeFolder(path: MachinePath): Promise<void> {
    const place = this.#need("remove", path, false, true, "removeFolder");
    const node = this.#needFolder("remove", path, place);
    if (place.fs.names(node).length > 0) throw new Fault("not-empty", `Cannot remove ${path}: it is not empty`);
    if (place.name === "") throw new Fault("io-error", `Cannot remove ${path}: a file system is mounted there`);
    this.#change("remove", path, place, () => place.fs.unlink(place.folder, place.name));
  }

  async syncFolder(folder: MachinePath): Promise<void> {
    const place = this.#need("flush", folder, true, true, "syncFolder");
    place.fs.syncFolder(this.#needFolder("flush", folder, place));
  }

  async setFolderMode(folder: MachinePath, mode: number, uid: number, gid: number): Promise<void> {
    const place = this.#need("set the mode of", folder, true, true, "setFolderMode");
    const node = this.#needFolder("set the mode of", folder, place);
    this.#change("set the mode of", folder, place, () => place.fs.change(node, { mode, uid, gid }));
  }

  async fileSystem(path: MachinePath): Promise<FileSystem> {
    checkPath(path, "look at");
    this.#enter("fileSystem", "look at", path, false);
    let nearest = path;
    let found = walk(this.tree.mounts, nearest, true);
    while (nearest !== "/" && (found.kind !== "place" || found.place.node === undefined)) {
      nearest = nearest.slice(0, Math.max(1, nearest.lastIndexOf("/")));
      found = walk(this.tree.mounts, nearest, true);
    }
    return describe(found.kind === "place" ? found.place.fs : this.tree.volume("/"));
  }

  async reserve(path: MachinePath, sizeBytes: number): Promise<void> {
    const place = this.#need("reserve room for", path, true, true, "reserve");
    const node = place.node;
    if (node === undefined) throw missing("reserve room for", path);
    this.#change("reserve room for", path, place, () => place.fs.reserve(node, sizeBytes));
  }

  async setReadOnly(path: MachinePath, readOnly: boolean): Promise<void> {
    const place = this.#need("mark", path, true, true, "setReadOnly");
    const node = place.node;
    if (node === undefined) throw missing("mark", path);
    if (place.fs.settings.type === "vfat") {
      // What cannot be marked is writable already.
      if (!readOnly) return;
      throw new Fault("no-permission", `Cannot mark ${path}: FAT has no such flag`);
    }
    this.#change("mark", path, place, () => place.fs.change(node, { frozen: readOnly }), true);
  }

  async makeSubvolume(path: MachinePath): Promise<void> {
    const place = this.#vacant("create", path, "makeSubvolume");
    const hasSubvolumes = place.fs.settings.type === "btrfs";
    this.#change("create", path, place, () => {
      const node = place.fs.create(place.folder, place.name, { kind: "folder", mode: 0o755 });
      if (hasSubvolumes) place.fs.change(node, { subvolume: true });
    });
  }

  async removeSubvolume(path: MachinePath): Promise<void> {
    const place = this.#need("remove", path, false, true, "removeSubvolume");
    const node = this.#needFolder("remove", path, place);
    const isSubvolume = viewOf(place)?.subvolume === true;
    if (!isSubvolume && place.fs.names(node).length > 0)
      throw new Fault("not-empty", `Cannot remove ${path}: it is not empty`);
    // The tree of a subvolume goes with its name: nothing leads to it afterwards, on the medium either.
    this.#change("remove", path, place, () => place.fs.unlink(place.folder, place.name));
  }

  /** Lets one call in; throws when a crash or a fault is planned for it, but leaves a planned failure of a flush to the file. */
  enter(name: string, path: string, changes: boolean): PlannedFault | undefined {
    const fault = this.#gate.enter("disk", name, path, changes);
    if (fault?.instead !== "turns-read-only") return fault;
    this.tree.volume(path).setReadOnly(true);
    return undefined;
  }

  attempt<T>(verb: string, path: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof SimError)) throw error;
      throw new Fault(error.code, `Cannot ${verb} ${path}: ${error.message}`, { cause: error });
    }
  }

  #enter(name: string, verb: string, path: string, changes: boolean): void {
    const fault = this.enter(name, path, changes);
    if (fault !== undefined) throw failure(fault.code, verb, path);
  }

  /** Enters, and finds the place; `undefined` when a folder on the way is missing or none. */
  #walk(name: string, path: string, followLast: boolean, changes: boolean): Place | undefined {
    checkPath(path, name);
    this.#enter(name, name, path, changes);
    const found = walk(this.tree.mounts, path, followLast);
    return found.kind === "place" ? found.place : undefined;
  }

  #need(verb: string, path: string, followLast: boolean, changes: boolean, name: string = verb): Place {
    checkPath(path, verb);
    this.#enter(name, verb, path, changes);
    return this.#place(verb, path, followLast);
  }

  #place(verb: string, path: string, followLast: boolean): Place {
    const found = walk(this.tree.mounts, path, followLast);
    switch (found.kind) {
      case "place":
        return found.place;
      case "missing":
        throw missing(verb, path);
      case "not-a-folder":
        throw new Fault("not-a-folder", `Cannot ${verb} ${path}: a part of the path is no folder`);
      case "name-too-long":
        throw new Fault("io-error", `Cannot ${verb} ${path.slice(0, 80)}…: the name is too long`);
    }
  }

  #needFolder(verb: string, path: string, place: Place): NodeId {
    if (place.node === undefined) throw missing(verb, path);
    if (viewOf(place)?.kind !== "folder") throw new Fault("not-a-folder", `Cannot ${verb} ${path}: it is no folder`);
    return place.node;
  }

  #vacant(verb: string, path: string, name: string): Place {
    checkPath(path, verb);
    this.#enter(name, verb, path, true);
    return this.#quietVacant(verb, path);
  }

  #quietVacant(verb: string, path: string): Place {
    checkPath(path, verb);
    const place = this.#place(verb, path, false);
    if (place.node !== undefined) throw new Fault("exists", `Cannot ${verb} ${path}: it is already there`);
    return place;
  }

  #move(name: "rename" | "replace", from: string, to: string, overwrites: boolean): void {
    checkPath(to, "rename");
    const source = this.#need("rename", from, false, true, name);
    if (source.node === undefined) throw missing("rename", from);
    const target = this.#place("rename", to, false);
    if (target.node !== undefined && (!overwrites || viewOf(target)?.kind === "folder")) {
      throw new Fault("exists", `Cannot rename ${from} to ${to}: that name is taken`);
    }
    if (source.fs !== target.fs)
      throw new Fault("io-error", `Cannot rename ${from} to ${to}: it is on another file system`);
    if (source.name === "" || `${target.path}/`.startsWith(`${source.path}/`)) {
      throw new Fault("io-error", `Cannot rename ${from} to ${to}: a folder cannot go into itself`);
    }
    this.#needWritable("rename", to, target);
    this.#change("rename", from, source, () =>
      source.fs.rename(source.folder, source.name, target.folder, target.name),
    );
  }

  /** One change of a file system, refused where it is read-only. */
  #change<T>(verb: string, path: string, place: Place, work: () => T, evenFrozen: boolean = false): T {
    if (!evenFrozen) this.#needWritable(verb, path, place);
    return this.attempt(verb, path, () => {
      if (place.fs.readOnly) throw new SimError("read-only", "its file system is read-only");
      return work();
    });
  }

  #needWritable(verb: string, path: string, place: Place): void {
    if (place.fs.readOnly) throw new Fault("read-only", `Cannot ${verb} ${path}: its file system is read-only`);
    if (place.frozen) throw new Fault("read-only", `Cannot ${verb} ${path}: it lies in a tree marked read-only`);
  }
}

function missing(verb: string, path: string): Fault {
  return new Fault("not-found", `Cannot ${verb} ${path}: it is not there`);
}

function describe(fs: SimFileSystem): FileSystem {
  const { mountPoint, type, sizeBytes, blockBytes } = fs.settings;
  return {
    id: `sim:${mountPoint}`,
    type,
    mountPoint,
    device: `/dev/sim${mountPoint.replaceAll("/", "-")}`,
    totalBytes: sizeBytes,
    availableBytes: Math.max(0, sizeBytes - fs.usedBytes()),
    blockBytes,
    readOnly: fs.readOnly,
  };
}
