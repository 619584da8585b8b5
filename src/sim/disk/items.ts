// What a simulated folder lists, put in order once for each change of its names.
import type { FolderItem } from "../../port/disk.ts";
import { compareBytes } from "./compare-bytes.ts";
import type { NodeId } from "./file-system.ts";

export interface Items {
  /** In byte order of the names. */
  readonly items: readonly FolderItem[];
  /** What these lead to, in the same order. */
  readonly nodes: readonly NodeId[];
}

export const noItems: Items = { items: [], nodes: [] };

const known: WeakMap<object, Items> = new WeakMap();

/** `names`: what the file system keeps of the folder's names, replaced with every change of them, never changed itself. */
export function itemsOf(names: object, find: () => readonly (FolderItem & { readonly node: NodeId })[]): Items {
  const before = known.get(names);
  if (before !== undefined) return before;
  const sorted = [...find()].sort((a, b) => compareBytes(a.name, b.name));
  const items = { items: sorted.map(({ name, kind }) => ({ name, kind })), nodes: sorted.map(({ node }) => node) };
  known.set(names, items);
  return items;
}
