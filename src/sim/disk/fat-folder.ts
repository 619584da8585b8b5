// A folder of a mounted FAT volume: its slots as the program sees them, as the medium holds them, and what lies between.
import type { FatSlot, FatSlots } from "./fat-image.ts";
import type { NodeId } from "./file-system.ts";

/** Replaced, never changed, so that forks can share it. */
export interface FatFolder {
  readonly slots: FatSlots;
  readonly nodes: readonly (NodeId | undefined)[];
  readonly medium: FatSlots;
  /** What the folder's own blocks hold: a flush of the folder writes these, and knows nothing of inodes. */
  readonly blocks: FatSlots;
  /** Versions of a slot that have been written since the last flush; any of them may be on the medium. */
  readonly pending: ReadonlyMap<number, readonly (FatSlot | undefined)[]>;
}

export const emptyFolder: FatFolder = { slots: [], nodes: [], medium: [], blocks: [], pending: new Map() };

export function findSlot(folder: FatFolder, name: string): number {
  const { slots } = folder;
  for (let index = 0; index < slots.length; index++) if (slots[index]?.name === name) return index;
  const lower = name.toLowerCase();
  return slots.findIndex(
    (slot) => slot !== undefined && slot.name.length === name.length && slot.name.toLowerCase() === lower,
  );
}

export function freeSlot(folder: FatFolder): number {
  const free = folder.slots.indexOf(undefined);
  return free === -1 ? folder.slots.length : free;
}

/**
 * `first` is what a new name holds in the folder's blocks until the inode behind it is written: Linux's vfat renames by
 * making a slot without a cluster or a size (vfat_rename), as the campaign's power cuts have shown.
 */
export function withSlot(
  folder: FatFolder,
  index: number,
  slot: FatSlot | undefined,
  node: NodeId | undefined,
  first: FatSlot | undefined = slot,
): FatFolder {
  const versions = first === slot ? [slot] : [first, slot];
  const pending = new Map(folder.pending).set(index, [...(folder.pending.get(index) ?? []), ...versions]);
  return {
    ...folder,
    slots: put(folder.slots, index, slot),
    nodes: put(folder.nodes, index, node),
    blocks: put(folder.blocks, index, first),
    pending,
  };
}

/** The slot of a file follows its inode: written back some time, for sure with its flush. */
export function withInode(folder: FatFolder, index: number, next: FatSlot): FatFolder {
  const pending = folder.pending.get(index) ?? [];
  const last = pending.at(-1);
  // Of a file that grows in many writes only the last size is kept: the ones between are cut files like any other.
  const replaces = last !== undefined && last.name === next.name && last.ref === next.ref;
  const history = [...(replaces ? pending.slice(0, -1) : pending), next];
  const slots = put(folder.slots, index, next);
  return { ...folder, slots, pending: new Map(folder.pending).set(index, history) };
}

/** Names are on the medium; what an inode would have changed in its slot is not. */
export function flushedFolder(folder: FatFolder): FatFolder {
  const pending = new Map<number, readonly (FatSlot | undefined)[]>();
  for (const index of folder.pending.keys())
    if (folder.slots[index] !== folder.blocks[index]) pending.set(index, [folder.slots[index]]);
  return { ...folder, medium: folder.blocks, pending };
}

/** After the flush of a file: its slot is current wherever the medium has it, but its name may still be missing there. */
export function flushedSlot(folder: FatFolder, index: number): FatFolder {
  if (!folder.pending.has(index)) return folder;
  const latest = folder.slots[index];
  const blocks = put(folder.blocks, index, latest);
  const pending = new Map(folder.pending);
  if (folder.medium[index]?.name !== latest?.name) return { ...folder, blocks, pending: pending.set(index, [latest]) };
  pending.delete(index);
  return { ...folder, blocks, medium: put(folder.medium, index, latest), pending };
}

function put<T>(items: readonly (T | undefined)[], index: number, item: T | undefined): readonly (T | undefined)[] {
  const copy = [...items];
  while (copy.length < index) copy.push(undefined);
  copy[index] = item;
  return copy;
}
