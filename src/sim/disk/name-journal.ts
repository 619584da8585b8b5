// Names of an ext4-like file system on their way to the medium: whole renames, in order within a folder, in no order between folders.
import type { NodeId } from "./file-system.ts";

/** Names by folder. The inner maps are replaced, never changed, so that forks can share them. */
export type NameTable = Map<NodeId, ReadonlyMap<string, NodeId>>;

/** One change of names that happens whole or not at all. */
export interface NameChange {
  readonly removes: readonly (readonly [folder: NodeId, name: string])[];
  readonly adds: readonly (readonly [folder: NodeId, name: string, node: NodeId])[];
}

export interface PendingChange extends NameChange {
  /** Folders whose flush it waits for. */
  readonly awaits: readonly NodeId[];
}

export function applyNames(table: NameTable, change: NameChange): void {
  for (const [folder, name] of change.removes) {
    const names = new Map(table.get(folder));
    names.delete(name);
    table.set(folder, names);
  }
  for (const [folder, name, node] of change.adds) table.set(folder, new Map(table.get(folder)).set(name, node));
}

function foldersOf(change: NameChange): NodeId[] {
  return [...new Set([...change.removes, ...change.adds].map(([folder]) => folder))];
}

/** How many sets of surviving changes are told apart for one group of folders; more than that are left to sampling. */
const maxSurvivors = 256;

/** One path that leads to a node; `root` is at `mountPoint`. */
export function pathIn(table: NameTable, node: NodeId, root: NodeId, mountPoint: string): string {
  if (node === root) return mountPoint;
  for (const [folder, names] of table)
    for (const [name, child] of names)
      if (child === node) return `${pathIn(table, folder, root, mountPoint)}/${name}`.replace("//", "/");
  return `removed node ${node}`;
}

export class NameJournal {
  #durable: NameTable;
  /** The table is also that of a fork: the first change makes a copy. */
  #shared: boolean = false;
  #pending: readonly PendingChange[];
  #groups: ReturnType<NameJournal["groups"]> | undefined;

  constructor(durable: NameTable, pending: readonly PendingChange[] = []) {
    this.#durable = durable;
    this.#pending = pending;
  }

  fork(): NameJournal {
    this.#shared = true;
    const copy = new NameJournal(this.#durable, this.#pending);
    copy.#shared = true;
    copy.#groups = this.#groups;
    return copy;
  }

  makeFolder(folder: NodeId): void {
    this.#own().set(folder, new Map());
  }

  add(change: NameChange): void {
    this.#groups = undefined;
    this.#pending = [...this.#pending, { ...change, awaits: foldersOf(change) }];
  }

  /** After this, all changes within `folder` alone are on the medium, and what they build upon. `false`: there were none. */
  flush(folder: NodeId): boolean {
    if (this.#pending.length === 0) return false;
    this.#groups = undefined;
    const pending = this.#pending.map((change) => ({
      ...change,
      awaits: change.awaits.filter((one) => one !== folder),
    }));
    const done = new Set<number>();
    for (let index = pending.length - 1; index >= 0; index--) {
      const change = pending[index];
      if (change === undefined || (change.awaits.length > 0 && !done.has(index))) continue;
      done.add(index);
      for (const earlier of predecessors(pending, index)) done.add(earlier);
    }
    for (const [index, change] of pending.entries()) if (done.has(index)) applyNames(this.#own(), change);
    this.#pending = pending.filter((_, index) => !done.has(index));
    return true;
  }

  flushAll(): void {
    for (const change of this.#pending) applyNames(this.#own(), change);
    this.#pending = [];
    this.#groups = undefined;
  }

  /** For each group of folders bound by renames between them: the folders, and the sets of changes that may survive. */
  groups(): readonly { readonly folders: readonly NodeId[]; readonly survivors: readonly (readonly number[])[] }[] {
    this.#groups ??= this.#group();
    return this.#groups;
  }

  #group(): ReturnType<NameJournal["groups"]> {
    const groups: { folders: Set<NodeId>; changes: number[] }[] = [];
    for (const [index, change] of this.#pending.entries()) {
      const folders = foldersOf(change);
      const touched = groups.filter((group) => folders.some((folder) => group.folders.has(folder)));
      const merged = { folders: new Set(folders), changes: [index] };
      for (const group of touched) {
        for (const folder of group.folders) merged.folders.add(folder);
        merged.changes.push(...group.changes);
        groups.splice(groups.indexOf(group), 1);
      }
      merged.changes.sort((a, b) => a - b);
      groups.push(merged);
    }
    return groups.map(({ folders, changes }) => ({
      folders: [...folders],
      survivors: closedSets(this.#pending, changes),
    }));
  }

  /** What waits for a flush of folders, in order, and the nodes that only the medium has a name for. */
  waiting(): { readonly changes: readonly PendingChange[]; readonly unnamed: readonly (readonly [string, NodeId])[] } {
    const unnamed = this.#pending.flatMap(({ removes }) =>
      removes.flatMap(([folder, name]) => {
        const node = this.#durable.get(folder)?.get(name);
        return node === undefined ? [] : [[name, node] as const];
      }),
    );
    return { changes: this.#pending, unnamed };
  }

  #own(): NameTable {
    if (this.#shared) this.#durable = new Map(this.#durable);
    this.#shared = false;
    return this.#durable;
  }

  /** The durable names with these of the pending changes applied. */
  surviving(indexes: readonly number[]): NameTable {
    const table: NameTable = new Map(this.#durable);
    for (const index of [...indexes].sort((a, b) => a - b)) {
      const change = this.#pending[index];
      if (change !== undefined) applyNames(table, change);
    }
    return table;
  }
}

/** Changes that come before one and share a folder with it, and what those build upon. */
function predecessors(pending: readonly PendingChange[], index: number): Set<number> {
  const found = new Set<number>([index]);
  for (let earlier = index - 1; earlier >= 0; earlier--) {
    const change = pending[earlier];
    if (change === undefined) continue;
    const folders = foldersOf(change);
    for (const later of found) {
      const laterChange = pending[later];
      if (laterChange === undefined || !foldersOf(laterChange).some((folder) => folders.includes(folder))) continue;
      found.add(earlier);
      break;
    }
  }
  found.delete(index);
  return found;
}

/** Sets of changes closed under "came before in a folder it shares", smallest first, all changes last. */
function closedSets(pending: readonly PendingChange[], changes: readonly number[]): readonly (readonly number[])[] {
  let sets: number[][] = [[]];
  for (const index of changes) {
    const before = predecessors(pending, index);
    const grown = sets
      .filter((set) => [...before].every((earlier) => set.includes(earlier)))
      .map((set) => [...set, index]);
    sets = [...sets, ...grown];
    // A long line of unflushed changes: keep the ends, which differ most.
    if (sets.length > maxSurvivors) sets = [...sets.slice(0, maxSurvivors / 2), ...sets.slice(-maxSurvivors / 2)];
  }
  return sets.sort((a, b) => a.length - b.length);
}
