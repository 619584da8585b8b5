// The simulated Disk: several file systems in one tree, with what a crash leaves of each (P6; DESIGN, model of a disk).
import { assert } from "../../base/assert.ts";
import { Fault } from "../../base/fault.ts";
import type { Disk, DiskFile, FileStat, FileSystem, FolderItem, MachinePath, OpenMode } from "../../port/disk.ts";
import { CallGate } from "../call-gate.ts";
import type { CrashDimension, CrashPicks } from "../crash-choices.ts";
import type { PlannedFault } from "../fault-plan.ts";
import { Content } from "./content.ts";
import { FatFileSystem } from "./fat-file-system.ts";
import {
  type NodeChange,
  type NodeId,
  SimError,
  type SimFileSystem,
  type SimFileSystemSettings,
} from "./file-system.ts";
import { JournalFileSystem } from "./journal-file-system.ts";
import { failure, type FileHost, SimFile } from "./sim-file.ts";
import { checkPath, mountOf, type Place, viewOf, walk } from "./walk.ts";

export interface SimDiskOptions {
  /** One of them at `/`. Those below others come with the folder they are mounted on. */
  readonly fileSystems: readonly SimFileSystemSettings[];
  readonly gate?: CallGate;
  /** Milliseconds, for the times of files. */
  readonly nowMs?: () => number;
}

export class SimDisk implements Disk, FileHost {
  readonly gate: CallGate;
  readonly #mounts: ReadonlyMap<string, SimFileSystem>;

  private constructor(gate: CallGate, mounts: ReadonlyMap<string, SimFileSystem>) {
    this.gate = gate;
    this.#mounts = mounts;
  }

  static make(options: SimDiskOptions): SimDisk {
    const now = (): bigint => BigInt(Math.floor((options.nowMs?.() ?? 0) * 1000));
    const mounts = new Map<string, SimFileSystem>();
    const ordered = [...options.fileSystems].sort((a, b) => a.mountPoint.length - b.mountPoint.length);
    for (const settings of ordered) {
      const fs = settings.type === "vfat" ? new FatFileSystem(settings, now) : new JournalFileSystem(settings, now);
      if (settings.mountPoint !== "/") new SimDisk(new CallGate(), mounts).plantFolder(settings.mountPoint);
      mounts.set(settings.mountPoint, fs);
    }
    return new SimDisk(options.gate ?? new CallGate(), mounts);
  }

  async list(folder: MachinePath): Promise<readonly FolderItem[]> {
    const place = this.#need("list", folder, true, false);
    const node = this.#needFolder("list", folder, place);
    const items = place.fs.names(node).map(([name, child]) => ({ name, kind: place.fs.view(child).kind }));
    return items.sort((a, b) => compareBytes(a.name, b.name));
  }

  async stat(path: MachinePath): Promise<FileStat | undefined> {
    const found = this.#walk("stat", path, false, false);
    if (found === undefined || found.node === undefined) return undefined;
    const view = found.fs.view(found.node);
    const { kind, mode, uid, gid, mtimeUs, links } = view;
    const stamp = `${found.node}:${view.changeUs}:${view.sizeBytes}`;
    return { kind, sizeBytes: view.sizeBytes, mode, uid, gid, mtimeUs, stamp, links };
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
    let found = walk(this.#mounts, nearest, true);
    while (nearest !== "/" && (found.kind !== "place" || found.place.node === undefined)) {
      nearest = nearest.slice(0, Math.max(1, nearest.lastIndexOf("/")));
      found = walk(this.#mounts, nearest, true);
    }
    return describe(found.kind === "place" ? found.place.fs : this.volume("/"));
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
    if (place.fs.settings.type === "vfat")
      throw new Fault("no-permission", `Cannot mark ${path}: FAT has no such flag`);
    this.#change("mark", path, place, () => place.fs.change(node, { frozen: readOnly }), true);
  }

  async makeSubvolume(path: MachinePath): Promise<void> {
    const place = this.#vacant("create", path, "makeSubvolume");
    const subvolume: NodeChange = { subvolume: place.fs.settings.type === "btrfs" };
    this.#change("create", path, place, () => {
      const node = place.fs.create(place.folder, place.name, { kind: "folder", mode: 0o755 });
      if (subvolume.subvolume === true) place.fs.change(node, subvolume);
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

  // What follows is for the world around the machine: it is no call of the program, and no crash falls into it.

  /** Lets one call in; throws when a crash or a fault is planned for it, but leaves a planned failure of a flush to the file. */
  enter(name: string, path: string, changes: boolean): PlannedFault | undefined {
    return this.gate.enter("disk", name, path, changes);
  }

  attempt<T>(verb: string, path: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof SimError)) throw error;
      throw new Fault(error.code, `Cannot ${verb} ${path}: ${error.message}`, { cause: error });
    }
  }

  /** The file system mounted at, or nearest above, a path without links. */
  volume(path: MachinePath): SimFileSystem {
    return mountOf(this.#mounts, path);
  }

  volumes(): readonly SimFileSystem[] {
    return [...this.#mounts.values()];
  }

  /** Puts a file there, flushed, with the folders it needs. */
  plant(path: MachinePath, content: Content | Uint8Array | string): void {
    this.plantFolder(path.slice(0, Math.max(1, path.lastIndexOf("/"))));
    const place = this.#find(path);
    const node = place.node ?? place.fs.create(place.folder, place.name, { kind: "file", mode: 0o644 });
    place.fs.truncate(node, 0);
    place.fs.write(
      node,
      0,
      content instanceof Content ? content : typeof content === "string" ? Content.text(content) : Content.of(content),
    );
    place.fs.sync(node);
    place.fs.syncFolder(place.folder);
  }

  plantFolder(path: MachinePath): void {
    if (path === "/") return;
    this.plantFolder(path.slice(0, Math.max(1, path.lastIndexOf("/"))));
    const place = this.#find(path);
    if (place.node !== undefined) return;
    place.fs.create(place.folder, place.name, { kind: "folder", mode: 0o755 });
    place.fs.syncFolder(place.folder);
  }

  plantLink(path: MachinePath, target: string): void {
    const place = this.#find(path);
    place.fs.create(place.folder, place.name, { kind: "symlink", mode: 0o777, target });
    place.fs.syncFolder(place.folder);
  }

  /** Removes a file behind the program's back, flushed. */
  uproot(path: MachinePath): void {
    const place = this.#find(path);
    if (place.node === undefined) return;
    place.fs.unlink(place.folder, place.name);
    place.fs.syncFolder(place.folder);
  }

  /** What a file holds; `undefined` when there is none, `"unreadable"` when its chain is broken. */
  peek(path: MachinePath, from: "cache" | "medium" = "cache"): Content | "unreadable" | undefined {
    const found = walk(this.#mounts, path, true);
    if (found.kind !== "place" || found.place.node === undefined) return undefined;
    return viewOf(found.place)?.kind === "file" ? peekNode(found.place.fs, found.place.node, from) : undefined;
  }

  /** Flips bits of a file on the medium; reads through the cache stay as they were until the next boot. */
  corrupt(path: MachinePath, offset: number, mask: number = 0xff): void {
    const place = this.#find(path);
    assert(place.node !== undefined, `${path} exists`);
    const content = place.fs.content(place.node, "medium");
    const byte = content.slice(offset, offset + 1).bytes()[0];
    assert(byte !== undefined, `${path} has a byte at ${offset}`);
    place.fs.corrupt(place.node, content.with(offset, Content.of(Uint8Array.of(byte ^ mask))));
  }

  /** Every path with its kind and, for files, a key of the content: `[path, kind, key or target]`. */
  tree(): readonly (readonly [path: string, kind: string, key: string])[] {
    const rows: (readonly [string, string, string])[] = [];
    const visit = (fs: SimFileSystem, folder: NodeId, path: string): void => {
      for (const [name, node] of [...fs.names(folder)].sort(([a], [b]) => compareBytes(a, b))) {
        const child = path === "/" ? `/${name}` : `${path}/${name}`;
        const mounted = this.#mounts.get(child);
        const view = fs.view(node);
        if (view.kind === "file") {
          const content = peekNode(fs, node, "cache");
          rows.push([child, "file", content === "unreadable" ? content : content.key()]);
        } else {
          rows.push([child, view.kind, view.target ?? ""]);
        }
        if (mounted !== undefined) visit(mounted, mounted.root, child);
        else if (view.kind === "folder") visit(fs, node, child);
      }
    };
    const top = this.volume("/");
    visit(top, top.root, "/");
    return rows;
  }

  /** Names everything that two states can differ in and a program can notice, times aside. */
  key(): string {
    const marks = this.volumes().map((fs) => `${fs.settings.mountPoint} ${fs.marks()}`);
    return [...marks, ...this.tree().map((row) => row.join("\t"))].join("\n");
  }

  crashDimensions(): readonly CrashDimension[] {
    return this.volumes().flatMap((fs) => [...fs.crashDimensions()]);
  }

  /** The disk as the next boot finds it; `picks` as for `crashDimensions`. */
  afterCrash(picks: CrashPicks, gate: CallGate = new CallGate()): SimDisk {
    const mounts = new Map<string, SimFileSystem>();
    let at = 0;
    for (const [mountPoint, fs] of this.#mounts) {
      const count = fs.crashDimensions().length;
      mounts.set(mountPoint, fs.afterCrash(picks.slice(at, at + count)));
      at += count;
    }
    return new SimDisk(gate, mounts);
  }

  /** A regular shutdown and boot: everything flushed, caches gone. */
  remount(): void {
    for (const fs of this.#mounts.values()) fs.remount();
  }

  /** A copy that shares what neither changes. */
  fork(gate: CallGate = new CallGate()): SimDisk {
    return new SimDisk(gate, new Map([...this.#mounts].map(([mountPoint, fs]) => [mountPoint, fs.fork()])));
  }

  #enter(name: string, verb: string, path: string, changes: boolean): void {
    const fault = this.enter(name, path, changes);
    if (fault !== undefined) throw failure(fault.code, verb, path);
  }

  /** Enters, and finds the place; `undefined` when a folder on the way is missing or none. */
  #walk(name: string, path: string, followLast: boolean, changes: boolean): Place | undefined {
    checkPath(path, name);
    this.#enter(name, name, path, changes);
    const found = walk(this.#mounts, path, followLast);
    return found.kind === "place" ? found.place : undefined;
  }

  #need(verb: string, path: string, followLast: boolean, changes: boolean, name: string = verb): Place {
    checkPath(path, verb);
    this.#enter(name, verb, path, changes);
    return this.#place(verb, path, followLast);
  }

  #place(verb: string, path: string, followLast: boolean): Place {
    const found = walk(this.#mounts, path, followLast);
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

  #find(path: string): Place {
    return this.#place("plant", path, true);
  }
}

function peekNode(fs: SimFileSystem, node: NodeId, from: "cache" | "medium"): Content | "unreadable" {
  try {
    return fs.content(node, from);
  } catch (error) {
    if (error instanceof SimError) return "unreadable";
    throw error;
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

function compareBytes(a: string, b: string): number {
  const left = new TextEncoder().encode(a);
  const right = new TextEncoder().encode(b);
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
