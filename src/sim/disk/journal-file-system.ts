// A file system like ext4, btrfs or xfs: a rename is whole or not at all, and happened for sure only after the folder's flush.
// Data not flushed may be absent, in part, zero, or the old content of a reused block (DESIGN, model of a disk).
import { assert } from "../../base/assert.ts";
import type { CrashDimension, CrashPicks } from "../crash-choices.ts";
import { Content } from "./content.ts";
import {
  Looks,
  type NewNode,
  type NodeChange,
  type NodeId,
  type NodeView,
  SimError,
  type SimFileSystem,
  type SimFileSystemSettings,
  tearPoint,
  type Unflushed,
} from "./file-system.ts";
import { type Items, itemsOf, noItems } from "./items.ts";
import { blockTearBytes, type Inode, inodeOutcomes, newInode, remounted, takenBy } from "./inode.ts";
import { applyNames, type NameChange, NameJournal, type NameTable, pathIn } from "./name-journal.ts";
import { reachable } from "./reachable.ts";
import { unflushedOf } from "./unflushed.ts";

const root: NodeId = 2;

export class JournalFileSystem implements SimFileSystem {
  readonly settings: Required<SimFileSystemSettings>;
  readonly root: NodeId = root;
  readOnly: boolean = false;
  /** Counts what a crash could show. */
  revision: number = 0;
  layout: number = 0;
  arrivals: number = 0;
  readonly #looks: Looks = new Looks();
  readonly #now: () => bigint;
  #nodes: Map<NodeId, Inode>;
  #names: NameTable;
  /** The two maps are also those of a fork: the first change makes copies. */
  #shared: boolean = false;
  readonly #journal: NameJournal;
  #outcomes: WeakMap<Inode, ReadonlyMap<string, Content>> = new WeakMap();
  /** What the last removed files held: their blocks are used again first. */
  #reused: Content = Content.empty;
  #nextNode: NodeId = root + 1;
  #lastChangeUs: bigint = 0n;
  #limitBytes: number | undefined;

  /** `now` in microseconds; `from` is for forks and what comes after a crash. */
  constructor(
    settings: SimFileSystemSettings,
    now: () => bigint,
    from?: { nodes: Map<NodeId, Inode>; names: NameTable; journal: NameJournal },
  ) {
    this.settings = { blockBytes: 4096, ...settings };
    this.#now = now;
    this.#nodes = from?.nodes ?? new Map();
    this.#names = from?.names ?? new Map();
    this.#journal = from?.journal ?? new NameJournal(new Map());
    if (from === undefined) {
      this.#nodes.set(root, newInode({ kind: "folder", mode: 0o755 }, this.#tick()));
      this.#names.set(root, new Map());
      this.#journal.makeFolder(root);
    }
  }

  look<T>(make: (fs: SimFileSystem) => T): T {
    return this.#looks.look(this, make);
  }

  usedBytes(): number {
    let bytes = 0;
    for (const inode of this.#nodes.values()) {
      if (inode.view.links > 0 || inode.holders > 0) bytes += takenBy(inode, this.settings.blockBytes);
    }
    return bytes;
  }

  takenBytes(node: NodeId): number {
    return takenBy(this.#inode(node), this.settings.blockBytes);
  }

  limitBytes(bytes: number | undefined): void {
    this.#limitBytes = bytes;
  }

  setReadOnly(readOnly: boolean): void {
    this.readOnly = readOnly;
    this.revision++;
  }

  lookUp(folder: NodeId, name: string): NodeId | undefined {
    return this.#names.get(folder)?.get(name);
  }

  names(folder: NodeId): readonly (readonly [string, NodeId])[] {
    return [...(this.#names.get(folder) ?? [])];
  }

  items(folder: NodeId): Items {
    const names = this.#names.get(folder);
    if (names === undefined) return noItems;
    return itemsOf(names, () => [...names].map(([name, node]) => ({ name, kind: this.kind(node), node })));
  }

  view(node: NodeId): NodeView {
    return this.#inode(node).view;
  }

  kind(node: NodeId): NodeView["kind"] {
    return this.#inode(node).view.kind;
  }

  isFrozen(node: NodeId): boolean {
    return this.#inode(node).view.frozen;
  }

  create(folder: NodeId, name: string, node: NewNode): NodeId {
    this.#needRoom(node.kind === "folder" ? this.settings.blockBytes : 0);
    this.arrivals++;
    if (node.kind !== "file") this.layout++;
    const id = this.#nextNode++;
    this.#own();
    this.#nodes.set(id, newInode(node, this.#tick()));
    if (node.kind === "folder") {
      this.#names.set(id, new Map());
      this.#journal.makeFolder(id);
    }
    this.#rename({ removes: [], adds: [[folder, name, id]] });
    return id;
  }

  link(folder: NodeId, name: string, node: NodeId): void {
    this.arrivals++;
    this.#rename({ removes: [], adds: [[folder, name, node]] });
    this.#touch(node, { links: this.view(node).links + 1 });
  }

  unlink(folder: NodeId, name: string): void {
    const node = this.lookUp(folder, name);
    assert(node !== undefined, "unlink is called with a name that exists");
    if (this.kind(node) !== "file") this.layout++;
    this.#rename({ removes: [[folder, name]], adds: [] });
    this.#drop(node);
  }

  rename(fromFolder: NodeId, fromName: string, toFolder: NodeId, toName: string): void {
    const node = this.lookUp(fromFolder, fromName);
    const over = this.lookUp(toFolder, toName);
    assert(node !== undefined, "rename is called with a name that exists");
    this.arrivals++;
    if (this.kind(node) !== "file" || (over !== undefined && this.kind(over) !== "file")) this.layout++;
    this.#rename({ removes: [[fromFolder, fromName]], adds: [[toFolder, toName, node]] });
    this.#touch(node, {});
    if (over !== undefined && over !== node) this.#drop(over);
  }

  hold(node: NodeId): void {
    const inode = this.#inode(node);
    this.#own();
    this.#nodes.set(node, { ...inode, holders: inode.holders + 1 });
  }

  release(node: NodeId): void {
    const inode = this.#nodes.get(node);
    if (inode === undefined) return;
    this.#own();
    this.#nodes.set(node, { ...inode, holders: inode.holders - 1 });
    this.#collect(node);
  }

  read(node: NodeId, from: "cache" | "medium", offset: number, into: Uint8Array): number {
    return this.content(node, from).readInto(offset, into);
  }

  write(node: NodeId, offset: number, piece: Content): void {
    const inode = this.#inode(node);
    const room = this.#roomFor(inode);
    const fits = piece.slice(0, Math.max(0, Math.min(piece.sizeBytes, room - offset)));
    this.#setContent(node, inode, inode.cached.with(offset, fits));
    if (fits.sizeBytes < piece.sizeBytes) throw new SimError("no-space", "there is no space left on the file system");
  }

  truncate(node: NodeId, sizeBytes: number): void {
    const inode = this.#inode(node);
    this.#setContent(node, inode, inode.cached.resized(sizeBytes));
  }

  reserve(node: NodeId, sizeBytes: number): void {
    const inode = this.#inode(node);
    if (sizeBytes > this.#roomFor(inode)) throw new SimError("no-space", "there is no space left on the file system");
    this.#own();
    this.#nodes.set(node, { ...inode, reservedBytes: Math.max(inode.reservedBytes, sizeBytes) });
  }

  change(node: NodeId, change: NodeChange): void {
    if (change.frozen !== undefined) this.layout++;
    this.#touch(node, change);
  }

  sync(node: NodeId): boolean {
    const inode = this.#inode(node);
    if (!inode.dirty) return false;
    const medium = inode.lost || !inode.dirtyData ? inode.medium : inode.cached;
    this.#put(node, { ...inode, medium, mediumView: inode.view, dirty: false, dirtyData: false });
    return inode.dirtyData;
  }

  failSync(node: NodeId, reached: "nothing" | "part" | "everything"): void {
    const inode = this.#inode(node);
    // What is on the medium already is not written, and cannot fail to be.
    if (!inode.dirtyData) return;
    const { sizeBytes } = inode.cached;
    const part = inode.cached.slice(0, tearPoint(sizeBytes, blockTearBytes)).resized(sizeBytes);
    const medium = reached === "nothing" ? inode.medium : reached === "part" ? part : inode.cached;
    this.#put(node, { ...inode, medium, dirty: false, dirtyData: false, lost: reached !== "everything" });
  }

  syncFolder(folder: NodeId): void {
    if (this.#journal.flush(folder)) this.revision++;
    this.sync(folder);
  }

  remount(): void {
    for (const node of this.#nodes.keys()) this.sync(node);
    this.#journal.flushAll();
    this.#own();
    for (const [node, inode] of this.#nodes) this.#put(node, remounted(inode));
  }

  content(node: NodeId, from: "cache" | "medium"): Content {
    const inode = this.#inode(node);
    // Reading past the cache first writes out what is dirty.
    return from === "cache" || (inode.dirtyData && !inode.lost) ? inode.cached : inode.medium;
  }

  corrupt(node: NodeId, content: Content): void {
    // What turns bad is what had been written out: a name or a mode that waits for its flush does not bring it back.
    this.#put(node, { ...this.#inode(node), medium: content, dirty: false, dirtyData: false });
  }

  unflushed(): Unflushed {
    return unflushedOf(root, this.#names, this.#nodes, this.#journal, this.#reused.key());
  }

  crashDimensions(): readonly CrashDimension[] {
    const at = this.settings.mountPoint;
    // What it is about is told only when somebody asks: finding paths takes long.
    const pathOf = (node: NodeId): string => pathIn(this.#names, node, root, this.settings.mountPoint);
    const names = this.#journal.groups().map(({ folders, survivors }) => ({
      get what(): string {
        return `names in ${folders.map(pathOf).join(" and ")}`;
      },
      options: survivors.map(
        (indexes) => `${indexes.length} of ${survivors.at(-1)?.length ?? 0} changes (${indexes.join(" ")})`,
      ),
    }));
    const contents = this.#dirtyFiles().map(([node, inode]) => ({
      get what(): string {
        return `content of ${pathOf(node)} on ${at}`;
      },
      options: [...this.#outcomesOf(inode).keys()],
    }));
    return [...names, ...contents];
  }

  afterCrash(picks: CrashPicks, now: () => bigint = this.#now): JournalFileSystem {
    const groups = this.#journal.groups();
    const names = this.#journal.surviving(groups.flatMap((group, index) => group.survivors[picks[index] ?? 0] ?? []));
    const found = new Map<NodeId, Content>();
    for (const [index, [node, inode]] of this.#dirtyFiles().entries()) {
      const outcome = [...this.#outcomesOf(inode).entries()][picks[groups.length + index] ?? 0];
      if (outcome !== undefined && outcome[0] !== "old") found.set(node, outcome[1]);
    }
    const left = reachable(root, names, (node) => {
      const inode = this.#inode(node);
      const survived = found.get(node);
      return survived === undefined ? [inode.medium, inode.mediumView] : [survived, inode.view];
    });
    const journal = new NameJournal(new Map(left.names));
    return this.#inherit(new JournalFileSystem(this.settings, now, { ...left, journal }));
  }

  fork(now: () => bigint = this.#now): JournalFileSystem {
    this.#shared = true;
    const from = { nodes: this.#nodes, names: this.#names, journal: this.#journal.fork() };
    const copy = this.#inherit(new JournalFileSystem(this.settings, now, from));
    copy.#shared = true;
    return copy;
  }

  marks(): string {
    return this.readOnly ? "ro" : "";
  }

  #inherit(heir: JournalFileSystem): JournalFileSystem {
    heir.#reused = this.#reused;
    heir.#outcomes = this.#outcomes;
    heir.#nextNode = this.#nextNode;
    heir.#lastChangeUs = this.#lastChangeUs;
    heir.#limitBytes = this.#limitBytes;
    heir.readOnly = this.readOnly;
    return heir;
  }

  #inode(node: NodeId): Inode {
    const inode = this.#nodes.get(node);
    assert(inode !== undefined, `node ${node} exists`);
    return inode;
  }

  /** Before a change: the maps are nobody else's. */
  #own(): void {
    if (!this.#shared) return;
    this.#nodes = new Map(this.#nodes);
    this.#names = new Map(this.#names);
    this.#shared = false;
  }

  /** A change that a crash may show. */
  #put(node: NodeId, inode: Inode): void {
    this.#own();
    this.revision++;
    this.#nodes.set(node, inode);
  }

  #tick(): bigint {
    const now = this.#now();
    this.#lastChangeUs = now > this.#lastChangeUs ? now : this.#lastChangeUs + 1n;
    return this.#lastChangeUs;
  }

  #touch(node: NodeId, change: Partial<NodeView>): void {
    const inode = this.#inode(node);
    this.#put(node, { ...inode, view: { ...inode.view, ...change, changeUs: this.#tick() }, dirty: true });
  }

  #setContent(node: NodeId, inode: Inode, cached: Content): void {
    const changeUs = this.#tick();
    const view = { ...inode.view, sizeBytes: cached.sizeBytes, mtimeUs: changeUs, changeUs };
    this.#put(node, { ...inode, cached, view, dirty: true, dirtyData: true });
  }

  #rename(change: NameChange): void {
    this.#own();
    this.revision++;
    applyNames(this.#names, change);
    this.#journal.add(change);
  }

  /** One name fewer; the file goes with its last name and its last holder. */
  #drop(node: NodeId): void {
    this.#touch(node, { links: this.view(node).links - 1 });
    this.#collect(node);
  }

  /** Keeps an inode that a name on the medium may still lead to, but not its room. */
  #collect(node: NodeId): void {
    const inode = this.#inode(node);
    if (inode.view.links > 0 || inode.holders > 0) return;
    if (inode.medium.sizeBytes > 0) {
      this.#reused = inode.medium;
      this.#outcomes = new WeakMap();
    }
    this.#put(node, { ...inode, cached: Content.empty, reservedBytes: 0, dirty: false, dirtyData: false });
  }

  /** The greatest size the file could have now. */
  #roomFor(inode: Inode): number {
    const { sizeBytes } = this.settings;
    const own = takenBy(inode, this.settings.blockBytes);
    const total = Math.min(sizeBytes, this.#limitBytes ?? sizeBytes);
    // Up to the last byte of its last block, or of the limit where a fault puts one in the middle of a block.
    return Math.max(own, total - (this.usedBytes() - own));
  }

  #needRoom(bytes: number): void {
    if (this.usedBytes() + bytes <= Math.min(this.settings.sizeBytes, this.#limitBytes ?? this.settings.sizeBytes))
      return;
    throw new SimError("no-space", "there is no space left on the file system");
  }

  #dirtyFiles(): readonly (readonly [NodeId, Inode])[] {
    return [...this.#nodes].filter(([, inode]) => inode.dirty && !inode.lost && inode.view.kind === "file");
  }

  #outcomesOf(inode: Inode): ReadonlyMap<string, Content> {
    const outcomes = this.#outcomes.get(inode) ?? inodeOutcomes(inode, this.#reused);
    this.#outcomes.set(inode, outcomes);
    return outcomes;
  }
}
