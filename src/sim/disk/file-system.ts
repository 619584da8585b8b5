// What SimDisk needs from a simulated file system: nodes and names, what is flushed of them, and what a crash leaves.
import type { NodeKind } from "../../port/disk.ts";
import type { CrashDimension, CrashPicks } from "../crash-choices.ts";
import type { Content } from "./content.ts";

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

/** Names are told apart by the file system (FAT ignores case). Callers have checked that sources exist and what targets are. */
export interface SimFileSystem {
  readonly settings: Required<SimFileSystemSettings>;
  readonly root: NodeId;
  readonly readOnly: boolean;
  /** Taken by files, folders, reservations and, on FAT, lost clusters. */
  usedBytes(): number;
  /** Lowers what can be used in all; `undefined` lifts it. */
  limitBytes(bytes: number | undefined): void;
  setReadOnly(readOnly: boolean): void;

  lookUp(folder: NodeId, name: string): NodeId | undefined;
  names(folder: NodeId): readonly (readonly [name: string, node: NodeId])[];
  view(node: NodeId): NodeView;

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

  sync(node: NodeId): void;
  /** A flush that failed: part of the data may be there, and the cache believes that all of it is. */
  failSync(node: NodeId, reached: "nothing" | "part" | "everything"): void;
  syncFolder(folder: NodeId): void;
  /** A clean unmount and mount: everything reaches the medium, caches are gone. */
  remount(): void;

  /** What the medium holds of a file, or what the running system sees. */
  content(node: NodeId, from: "cache" | "medium"): Content;
  /** Changes the medium below the cache, as a failing device does. */
  corrupt(node: NodeId, content: Content): void;

  crashDimensions(): readonly CrashDimension[];
  /** The file system as it is found after the crash. */
  afterCrash(picks: CrashPicks): SimFileSystem;
  fork(): SimFileSystem;
  /** Marks of the volume itself that belong to its state, such as FAT's dirty flag. */
  marks(): string;
}

/** Where the tear of an unfinished write lies: about the middle, at a boundary of `tearBytes`. 0 when there is none. */
export function tearPoint(sizeBytes: number, tearBytes: number): number {
  return Math.ceil(sizeBytes / 2 / tearBytes) * tearBytes >= sizeBytes
    ? 0
    : Math.ceil(sizeBytes / 2 / tearBytes) * tearBytes;
}

/** What may be found of unflushed data, by label; equal ones only once. `before` is what the medium held. */
export function contentOutcomes(
  before: Content,
  after: Content,
  reused: Content,
  tearBytes: number,
): ReadonlyMap<string, Content> {
  if (before.equals(after)) return new Map([["whole", after]]);
  const same = commonPrefix(before, after, tearBytes);
  const changed = after.sizeBytes - same;
  const tear = tearPoint(changed, tearBytes);
  const candidates: [string, Content][] = [["old", before]];
  if (tear > 0) {
    const rest = before.slice(same + tear, after.sizeBytes);
    candidates.push(["part", after.slice(0, same + tear).with(same + tear, rest)]);
  }
  if (changed > 0) {
    const kept = after.slice(0, same);
    candidates.push(["zero", kept.resized(after.sizeBytes)]);
    if (reused.sizeBytes > same) {
      candidates.push(["reused", kept.with(same, reused.slice(same, after.sizeBytes)).resized(after.sizeBytes)]);
    }
  }
  const outcomes = new Map<string, Content>();
  for (const [label, content] of candidates) {
    if (content.equals(after) || [...outcomes.values()].some((other) => other.equals(content))) continue;
    outcomes.set(label, content);
  }
  outcomes.set("whole", after);
  return outcomes;
}

/** How many bytes at the start need no writing, in whole tear units; only what is told by appending is looked for. */
function commonPrefix(before: Content, after: Content, tearBytes: number): number {
  const whole = Math.floor(Math.min(before.sizeBytes, after.sizeBytes) / tearBytes) * tearBytes;
  return whole > 0 && before.slice(0, whole).equals(after.slice(0, whole)) ? whole : 0;
}
