// An inode of an ext4-like file system: what the cache holds, and what the medium holds.
import { Content } from "./content.ts";
import { contentOutcomes, type NewNode, type NodeView } from "./file-system.ts";

/** What file systems other than FAT are written in. */
export const blockTearBytes = 4096;

/** Replaced, never changed, so that forks can share it. */
export interface Inode {
  readonly view: NodeView;
  readonly cached: Content;
  readonly medium: Content;
  /** Metadata as on the medium. */
  readonly mediumView: NodeView;
  /** Whether a flush has anything to do. */
  readonly dirty: boolean;
  /** Whether data waits to be written, and not only names, modes and times. */
  readonly dirtyData: boolean;
  /** A flush failed: the cache believes that the data is on the medium, and no later flush brings it there. */
  readonly lost: boolean;
  readonly reservedBytes: number;
  readonly holders: number;
}

/** `changeUs` is the time of its making. */
export function newInode({ kind, mode, target }: NewNode, changeUs: bigint): Inode {
  const none = { uid: 0, gid: 0, frozen: false, subvolume: false };
  const sizeBytes = target?.length ?? 0;
  const view: NodeView = { ...none, kind, sizeBytes, mode, mtimeUs: changeUs, changeUs, links: 1, target };
  return restedInode(view, Content.empty);
}

/** With nothing unflushed, and nobody holding it. */
export function restedInode(view: NodeView, content: Content): Inode {
  const idle = { dirty: false, dirtyData: false, lost: false, reservedBytes: 0, holders: 0 };
  return { ...idle, view, mediumView: view, cached: content, medium: content };
}

/** What a crash may leave of it, by label. `reused` is what its blocks held before. */
export function inodeOutcomes(inode: Inode, reused: Content): ReadonlyMap<string, Content> {
  const { mode, uid, gid } = inode.view;
  const before = inode.mediumView;
  const sameMarks = mode === before.mode && uid === before.uid && gid === before.gid;
  // What has turned bad on the medium stays bad, whatever else waits for its flush.
  const data = inode.dirtyData ? inode.cached : inode.medium;
  if (data.equals(inode.medium))
    return sameMarks
      ? new Map([["whole", data]])
      : new Map([
          ["old", data],
          ["whole", data],
        ]);
  return contentOutcomes(inode.medium, inode.cached, reused, blockTearBytes);
}

/** Room on the file system, in bytes. */
export function takenBy({ view, cached, reservedBytes }: Inode, blockBytes: number): number {
  const bytes = view.kind === "folder" ? 1 : Math.max(cached.sizeBytes, reservedBytes);
  return Math.ceil(bytes / blockBytes) * blockBytes;
}

/** As it is found after an unmount: what the medium holds, and no more. */
export function remounted(inode: Inode): Inode {
  const { medium, view } = inode;
  const sizeBytes = view.kind === "file" ? medium.sizeBytes : view.sizeBytes;
  return { ...inode, cached: medium, view: { ...view, sizeBytes }, lost: false };
}
