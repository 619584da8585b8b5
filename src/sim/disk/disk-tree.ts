// The file systems of a simulated machine as one tree, seen from outside: planting, looking, damaging, crashing.
import { assert } from "../../base/assert.ts";
import type { CrashDimension, CrashPicks } from "../crash-choices.ts";
import { Content } from "./content.ts";
import { FatFileSystem } from "./fat-file-system.ts";
import type { SimFileSystem, SimFileSystemSettings } from "./file-system.ts";
import { JournalFileSystem } from "./journal-file-system.ts";
import { contentOf, rowsOf } from "./rows.ts";
import { mountOf, type Place, stampOf, viewOf, walk } from "./walk.ts";

/** A path, its kind, and the key of its content (files; `unreadable` when its chain is broken) or its target (links). */
export type TreeRow = readonly [path: string, kind: string, key: string];

export class DiskTree {
  readonly mounts: ReadonlyMap<string, SimFileSystem>;

  constructor(mounts: ReadonlyMap<string, SimFileSystem>) {
    this.mounts = mounts;
  }

  /** One of the file systems is at `/`; the others come with the folders they are mounted on. `nowMs` times files. */
  static make(fileSystems: readonly SimFileSystemSettings[], nowMs: () => number = () => 0): DiskTree {
    const now = inMicroseconds(nowMs);
    const mounts = new Map<string, SimFileSystem>();
    const tree = new DiskTree(mounts);
    for (const settings of [...fileSystems].sort((a, b) => a.mountPoint.length - b.mountPoint.length)) {
      if (settings.mountPoint !== "/") tree.plantFolder(settings.mountPoint);
      const isFat = settings.type === "vfat";
      mounts.set(settings.mountPoint, isFat ? new FatFileSystem(settings, now) : new JournalFileSystem(settings, now));
    }
    return tree;
  }

  /** The file system at, or nearest above, a path without links. */
  volume(path: string): SimFileSystem {
    return mountOf(this.mounts, path);
  }

  volumes(): readonly SimFileSystem[] {
    return [...this.mounts.values()];
  }

  /** Puts a file there, flushed, with the folders it needs. */
  plant(path: string, content: Content | Uint8Array | string): void {
    this.plantFolder(parentOf(path));
    const place = this.#find(path);
    const node = place.node ?? place.fs.create(place.folder, place.name, { kind: "file", mode: 0o644 });
    place.fs.truncate(node, 0);
    place.fs.write(node, 0, toContent(content));
    place.fs.sync(node);
    place.fs.syncFolder(place.folder);
  }

  plantFolder(path: string): void {
    if (path === "/") return;
    this.plantFolder(parentOf(path));
    const place = this.#find(path);
    if (place.node !== undefined) return;
    place.fs.create(place.folder, place.name, { kind: "folder", mode: 0o755 });
    place.fs.syncFolder(place.folder);
  }

  plantLink(path: string, target: string): void {
    this.plantFolder(parentOf(path));
    const place = this.#find(path);
    place.fs.create(place.folder, place.name, { kind: "symlink", mode: 0o777, target });
    place.fs.syncFolder(place.folder);
  }

  /** Removes a file or an empty folder behind the program's back, flushed. */
  uproot(path: string): void {
    const place = this.#find(path);
    if (place.node === undefined) return;
    place.fs.unlink(place.folder, place.name);
    place.fs.syncFolder(place.folder);
  }

  /** Renames behind the program's back, flushed, as firmware or boot loader do. */
  shift(from: string, to: string): void {
    const source = this.#find(from);
    const target = this.#find(to);
    source.fs.rename(source.folder, source.name, target.folder, target.name);
    // On FAT the new name leads to nothing until the inode is written.
    if (source.node !== undefined) source.fs.sync(source.node);
    source.fs.syncFolder(source.folder);
    target.fs.syncFolder(target.folder);
  }

  /** What a file holds; `undefined` when there is none, `unreadable` when its chain is broken. */
  peek(path: string, from: "cache" | "medium" = "cache"): Content | "unreadable" | undefined {
    const found = walk(this.mounts, path, true);
    if (found.kind !== "place" || found.place.node === undefined) return undefined;
    return viewOf(found.place)?.kind === "file" ? contentOf(found.place.fs, found.place.node, from) : undefined;
  }

  /** The Disk port's stamp of what is there; `undefined` when nothing is. */
  stamp(path: string): string | undefined {
    const found = walk(this.mounts, path, false);
    return found.kind === "place" ? stampOf(found.place) : undefined;
  }

  /** Names in a folder, in byte order; none when there is no such folder. */
  namesIn(path: string): readonly string[] {
    const found = walk(this.mounts, path, true);
    if (found.kind !== "place" || viewOf(found.place)?.kind !== "folder" || found.place.node === undefined) return [];
    return found.place.fs.items(found.place.node).items.map(({ name }) => name);
  }

  /** Flips bits of a file on the medium; reads through the cache stay as they were until the next boot. */
  corrupt(path: string, offset: number, mask: number = 0xff): void {
    const place = this.#find(path);
    assert(place.node !== undefined, `${path} exists`);
    const content = place.fs.content(place.node, "medium");
    const byte = content.slice(offset, offset + 1).bytes()[0];
    assert(byte !== undefined, `${path} has a byte at ${offset}`);
    place.fs.corrupt(place.node, content.with(offset, Content.of(Uint8Array.of(byte ^ mask))));
  }

  /** A volume at a time. */
  rows(): readonly TreeRow[] {
    return this.volumes().flatMap((fs) => rowsOf(fs).map(([path, kind, key]): TreeRow => [path, kind, key]));
  }

  /** Names everything that two states can differ in and a program can notice, times and inode numbers aside. */
  key(): string {
    const marks = this.volumes().map((fs) => `${fs.settings.mountPoint} ${fs.marks()}`);
    return [...marks, ...this.rows().map((row) => row.join("\t"))].join("\n");
  }

  crashDimensions(): readonly CrashDimension[] {
    return this.volumes().flatMap((fs) => [...fs.crashDimensions()]);
  }

  /** The tree as the next boot finds it; `picks` are for `crashDimensions`. */
  afterCrash(picks: CrashPicks, nowMs?: () => number): DiskTree {
    const now = nowMs === undefined ? undefined : inMicroseconds(nowMs);
    const mounts = new Map<string, SimFileSystem>();
    let at = 0;
    for (const [mountPoint, fs] of this.mounts) {
      const count = fs.crashDimensions().length;
      mounts.set(mountPoint, fs.afterCrash(picks.slice(at, at + count), now));
      at += count;
    }
    return new DiskTree(mounts);
  }

  /** A regular shutdown and boot: everything flushed, caches gone. */
  remount(): void {
    for (const fs of this.mounts.values()) fs.remount();
  }

  /** A copy that shares what neither changes. */
  fork(nowMs?: () => number): DiskTree {
    const now = nowMs === undefined ? undefined : inMicroseconds(nowMs);
    return new DiskTree(new Map([...this.mounts].map(([mountPoint, fs]) => [mountPoint, fs.fork(now)])));
  }

  #find(path: string): Place {
    const found = walk(this.mounts, path, true);
    assert(found.kind === "place", `the folder of ${path} exists`);
    return found.place;
  }
}

function toContent(content: Content | Uint8Array | string): Content {
  if (typeof content === "string") return Content.text(content);
  return content instanceof Content ? content : Content.of(content);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

function inMicroseconds(nowMs: () => number): () => bigint {
  return () => BigInt(Math.floor(nowMs() * 1000));
}
