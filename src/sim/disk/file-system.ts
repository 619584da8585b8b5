// What SimDisk needs from a simulated file system: nodes and names, what is flushed of them, and what a crash leaves.
import type { NodeKind } from "../../port/disk.ts";
import type { CrashDimension, CrashPicks } from "../crash-choices.ts";
import { Content } from "./content.ts";
import type { Items } from "./items.ts";

export type SimFileSystemType = "ext4" | "btrfs" | "vfat";

export interface SimFileSystemSettings {
  readonly mountPoint: string;
  readonly type: SimFileSystemType;
  readonly sizeBytes: number;
  /** Block or cluster; 4096 when absent. */
  readonly blockBytes?: number;
}

/** A file or folder while the file system is mounted. Stands for an inode; on FAT it does not survive a mount. */
export type NodeId = number;

export interface NodeView {
  readonly kind: NodeKind;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeUs: bigint;
  /** As the ctime of a real file system: later after every change of content or metadata, within one mount. */
  readonly changeUs: bigint;
  readonly links: number;
  /** Target of a symbolic link. */
  readonly target: string | undefined;
  /** The tree from here on takes no changes. */
  readonly frozen: boolean;
  readonly subvolume: boolean;
}

export interface NodeChange {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtimeUs?: bigint;
  readonly frozen?: boolean;
  readonly subvolume?: boolean;
}

export type SimErrorCode = "no-space" | "read-only" | "io-error" | "no-permission";

/** An error of the simulated kernel; SimDisk makes a Fault of it that names the path. */
export class SimError extends Error {
  readonly code: SimErrorCode;

  constructor(code: SimErrorCode, state: string) {
    super(state);
    this.code = code;
  }
}

export interface NewNode {
  readonly kind: "file" | "folder" | "symlink";
  readonly mode: number;
  readonly target?: string;
}

/** What waits for its flush, told by path: with the names and contents of now it decides what a crash can leave. */
export interface Unflushed {
  /** Changes of names, and whatever else counts. */
  readonly lines: readonly string[];
  /** Files of which the medium holds something else, or that only the medium still has a name for. */
  readonly contents: readonly {
    readonly path: string;
    readonly cached: Content;
    readonly medium: Content;
    /** What else is different there. */
    readonly marks: string;
  }[];
}

/** Names are told apart by the file system (FAT ignores case). Callers have checked that sources exist and what targets are. */
export interface SimFileSystem {
  readonly settings: Required<SimFileSystemSettings>;
  readonly root: NodeId;
  readonly readOnly: boolean;
  /** Grows with everything that a crash could show: while it stays, so does what a crash leaves. */
  readonly revision: number;
  /** Grows with every change of folders and links: while it stays, a path leads to the same folder. */
  readonly layout: number;
  /** Grows with every new name. */
  readonly arrivals: number;
  /** What `make` makes of it, made once for each revision. */
  look<T>(make: (fs: SimFileSystem) => T): T;
  /** Taken by files, folders, reservations and, on FAT, lost clusters. */
  usedBytes(): number;
  /** By one file, reservations included. */
  takenBytes(node: NodeId): number;
  /** Lowers what can be used in all; `undefined` lifts it. */
  limitBytes(bytes: number | undefined): void;
  setReadOnly(readOnly: boolean): void;

  lookUp(folder: NodeId, name: string): NodeId | undefined;
  names(folder: NodeId): readonly (readonly [name: string, node: NodeId])[];
  view(node: NodeId): NodeView;
  /** What a folder holds. */
  items(folder: NodeId): Items;
  /** As `view` tells them, for walks: most calls walk, and need no more of what they pass. */
  kind(node: NodeId): NodeKind;
  isFrozen(node: NodeId): boolean;

  create(folder: NodeId, name: string, node: NewNode): NodeId;
  link(folder: NodeId, name: string, node: NodeId): void;
  /** Removes a file, a link or an empty folder. */
  unlink(folder: NodeId, name: string): void;
  /** Renames over an existing file when there is one. */
  rename(fromFolder: NodeId, fromName: string, toFolder: NodeId, toName: string): void;

  hold(node: NodeId): void;
  release(node: NodeId): void;
  read(node: NodeId, from: "cache" | "medium", offset: number, into: Uint8Array): number;
  /** Writes what fits and then throws `no-space`. */
  write(node: NodeId, offset: number, piece: Content): void;
  truncate(node: NodeId, sizeBytes: number): void;
  reserve(node: NodeId, sizeBytes: number): void;
  change(node: NodeId, change: NodeChange): void;

  /** Whether data was waiting. */
  sync(node: NodeId): boolean;
  /** A flush that failed: part of the data that waited may be there, and the cache believes that all of it is. */
  failSync(node: NodeId, reached: "nothing" | "part" | "everything"): void;
  syncFolder(folder: NodeId): void;
  /** A clean unmount and mount: everything reaches the medium, caches are gone. */
  remount(): void;

  /** What the medium holds of a file, or what the running system sees. */
  content(node: NodeId, from: "cache" | "medium"): Content;
  /** Changes the medium below the cache, as a failing device does. */
  corrupt(node: NodeId, content: Content): void;

  unflushed(): Unflushed;
  crashDimensions(): readonly CrashDimension[];
  /** The file system as it is found after the crash, with another clock if one is given (microseconds). */
  afterCrash(picks: CrashPicks, now?: () => bigint): SimFileSystem;
  fork(now?: () => bigint): SimFileSystem;
  /** Marks of the volume itself that belong to its state, such as FAT's dirty flag. */
  marks(): string;
}

/** Remembers what was made of a file system, for as long as its revision stays. */
export class Looks {
  #revision: number = -1;
  readonly #made: Map<unknown, unknown> = new Map();

  look<T>(fs: SimFileSystem, make: (fs: SimFileSystem) => T): T {
    if (this.#revision !== fs.revision) this.#made.clear();
    this.#revision = fs.revision;
    if (!this.#made.has(make)) this.#made.set(make, make(fs));
    return this.#made.get(make) as T;
  }
}

/** Where the tear of an unfinished write lies: about the middle, at a boundary of `tearBytes`. 0 when there is none. */
export function tearPoint(sizeBytes: number, tearBytes: number): number {
  const middle = Math.ceil(sizeBytes / 2 / tearBytes) * tearBytes;
  return middle >= sizeBytes ? 0 : middle;
}

/** What may be found of unflushed data, by label; equal ones only once. `before` is what the medium held. */
export function contentOutcomes(
  before: Content,
  after: Content,
  reused: Content,
  tearBytes: number,
): ReadonlyMap<string, Content> {
  if (before.equals(after)) return new Map([["whole", after]]);
  const [from, to] = changedRange(before, after, tearBytes);
  const around = (middle: Content): Content =>
    Content.join(after.slice(0, from), middle.resized(to - from), after.slice(to));
  const tear = tearPoint(to - from, tearBytes);
  const candidates: [string, Content][] = [["old", before]];
  if (tear > 0) candidates.push(["part", Content.join(after.slice(0, from + tear), before.slice(from + tear))]);
  candidates.push(["zero", around(Content.zeros(to - from))]);
  if (reused.sizeBytes > from) candidates.push(["reused", around(reused.slice(from, to))]);
  const outcomes = new Map<string, Content>();
  for (const [label, content] of candidates) {
    if (content.equals(after) || [...outcomes.values()].some((other) => other.equals(content))) continue;
    outcomes.set(label, content);
  }
  outcomes.set("whole", after);
  return outcomes;
}

/** The part of `after` that had to be written, in whole tear units. */
function changedRange(before: Content, after: Content, tearBytes: number): readonly [from: number, to: number] {
  const shared = Math.min(before.sizeBytes, after.sizeBytes);
  const from = largest(Math.floor(shared / tearBytes), (units) =>
    before.slice(0, units * tearBytes).equals(after.slice(0, units * tearBytes)),
  );
  if (before.sizeBytes !== after.sizeBytes) return [from * tearBytes, after.sizeBytes];
  const end = largest(Math.floor(shared / tearBytes) - from, (units) => {
    const start = (Math.ceil(shared / tearBytes) - units) * tearBytes;
    return before.slice(start).equals(after.slice(start));
  });
  return [from * tearBytes, Math.min(after.sizeBytes, (Math.ceil(shared / tearBytes) - end) * tearBytes)];
}

/** The largest number up to `limit` for which `holds`; it holds for 0, and for all below one for which it holds. */
function largest(limit: number, holds: (number: number) => boolean): number {
  let low = 0;
  let high = limit;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
