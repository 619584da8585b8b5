// A FAT volume as Linux's vfat keeps it: a rename writes the new slot, then deletes the old one, and nothing orders the
// two on the medium. Two names left over share one chain; removing one damages the other (DESIGN, model of a disk).
import { assert } from "../../base/assert.ts";
import type { CrashDimension, CrashPicks } from "../crash-choices.ts";
import { Content } from "./content.ts";
import { failedFlush, flushedChain, type MountedChain, seen } from "./fat-chain.ts";
import { crashedImage, type FatQuestion, fatQuestions } from "./fat-crash.ts";
import { findSlot, flushedFolder, flushedSlot } from "./fat-folder.ts";
import { beginRepair } from "./fat-repair.ts";
import { checkFat, type FatImage, fatRoot, type LostChains } from "./fat-image.ts";
import { FatState, fatRootNode, fatTime } from "./fat-state.ts";
import {
  Looks,
  type NewNode,
  type NodeChange,
  type NodeId,
  type NodeView,
  SimError,
  type SimFileSystem,
  type SimFileSystemSettings,
  type Unflushed,
} from "./file-system.ts";
import { type Items, itemsOf } from "./items.ts";

const maxFileBytes = 2 ** 32 - 1;
/** Mounted with `umask=0077`, as an ESP should be. Linux ignores other permissions, and refuses what goes beyond them. */
const mode = 0o700;
const validModes = 0o777;

export class FatFileSystem implements SimFileSystem {
  readonly settings: Required<SimFileSystemSettings>;
  readonly root: NodeId = fatRootNode;
  readOnly: boolean = false;
  /** Counts what a crash could show. */
  revision: number = 0;
  layout: number = 0;
  arrivals: number = 0;
  readonly #looks: Looks = new Looks();
  readonly #now: () => bigint;
  #state: FatState;
  /** The state is also that of a fork: the first change makes a copy. */
  #shared: boolean = false;
  #limitBytes: number | undefined;

  /** `now` in microseconds. */
  constructor(settings: SimFileSystemSettings, now: () => bigint, state?: FatState) {
    this.settings = { blockBytes: 4096, ...settings };
    this.#now = now;
    const fresh: FatImage = { folders: new Map([[fatRoot, []]]), chains: new Map(), dirty: false };
    this.#state = state ?? FatState.mount(now, fresh);
  }

  look<T>(make: (fs: SimFileSystem) => T): T {
    return this.#looks.look(this, make);
  }

  usedBytes(): number {
    let clusters = this.#state.folders.size;
    for (const chain of this.#state.chains.values()) if (!chain.freed) clusters += this.#clustersOf(chain);
    return clusters * this.settings.blockBytes;
  }

  limitBytes(bytes: number | undefined): void {
    this.#limitBytes = bytes;
  }

  setReadOnly(readOnly: boolean): void {
    this.readOnly = readOnly;
    this.revision++;
  }

  lookUp(folder: NodeId, name: string): NodeId | undefined {
    const found = this.#state.folderOf(folder);
    return found.nodes[findSlot(found, name)];
  }

  names(folder: NodeId): readonly (readonly [string, NodeId])[] {
    const { slots, nodes } = this.#state.folderOf(folder);
    return slots.flatMap((slot, index) => {
      const node = nodes[index];
      return slot === undefined || node === undefined ? [] : [[slot.name, node] as const];
    });
  }

  items(folder: NodeId): Items {
    const { slots, nodes } = this.#state.folderOf(folder);
    return itemsOf(nodes, () =>
      slots.flatMap((slot, index) => {
        const node = nodes[index];
        return slot === undefined || node === undefined ? [] : [{ name: slot.name, kind: slot.kind, node }];
      }),
    );
  }

  view(node: NodeId): NodeView {
    const { kind, sizeBytes, mtimeUs, changeUs, place } = this.#state.node(node);
    const links = place === undefined && node !== this.root ? 0 : 1;
    const absent = { uid: 0, gid: 0, target: undefined, frozen: false, subvolume: false };
    return { ...absent, kind, sizeBytes, mode, mtimeUs, changeUs, links };
  }

  kind(node: NodeId): NodeView["kind"] {
    return this.#state.node(node).kind;
  }

  isFrozen(): boolean {
    return false;
  }

  takenBytes(node: NodeId): number {
    const { kind, ref } = this.#state.node(node);
    const chain = kind === "folder" ? undefined : this.#state.chains.get(ref);
    return (chain === undefined ? Number(kind === "folder") : this.#clustersOf(chain)) * this.settings.blockBytes;
  }

  create(folder: NodeId, name: string, { kind }: NewNode): NodeId {
    this.#own();
    if (kind === "symlink") throw new SimError("no-permission", "a FAT volume has no symbolic links");
    if (kind === "folder" && this.#roomBytes() < this.settings.blockBytes) throw noSpace();
    this.arrivals++;
    if (kind !== "file") this.layout++;
    const node = this.#state.newNode(kind);
    this.#state.putName(this.#state.node(folder).ref, name, node);
    return node;
  }

  link(): void {
    throw new SimError("no-permission", "a FAT volume has no hard links");
  }

  unlink(folder: NodeId, name: string): void {
    this.#own();
    const node = this.lookUp(folder, name);
    assert(node !== undefined, "unlink is called with a name that exists");
    if (this.kind(node) !== "file") this.layout++;
    const { place } = this.#state.node(node);
    if (place !== undefined) this.#state.clearSlot(place);
    this.#lose(node);
  }

  rename(fromFolder: NodeId, fromName: string, toFolder: NodeId, toName: string): void {
    this.#own();
    const node = this.lookUp(fromFolder, fromName);
    assert(node !== undefined, "rename is called with a name that exists");
    this.arrivals++;
    if (this.kind(node) !== "file") this.layout++;
    const found = this.lookUp(toFolder, toName);
    const over = found === node ? undefined : found;
    const old = this.#state.node(node).place;
    assert(old !== undefined, "a name has a place");
    const overPlace = over === undefined ? undefined : this.#state.node(over).place;
    this.#state.putName(this.#state.node(toFolder).ref, toName, node, overPlace?.index);
    this.#state.clearSlot(old);
    if (over !== undefined) this.#lose(over);
  }

  hold(node: NodeId): void {
    this.#part();
    const known = this.#state.node(node);
    this.#state.nodes.set(node, { ...known, holders: known.holders + 1 });
  }

  release(node: NodeId): void {
    const known = this.#state.nodes.get(node);
    if (known === undefined) return;
    this.#part();
    this.#state.nodes.set(node, { ...known, holders: known.holders - 1 });
    if (known.place !== undefined) return;
    this.revision++;
    this.#lose(node);
  }

  read(node: NodeId, from: "cache" | "medium", offset: number, into: Uint8Array): number {
    try {
      return this.content(node, from).readInto(offset, into);
    } catch (error) {
      // errors=remount-ro, which is vfat's default.
      this.setReadOnly(true);
      throw error;
    }
  }

  write(node: NodeId, offset: number, piece: Content): void {
    this.#own();
    const chain = this.#chainToWrite(node);
    const fits = piece.slice(0, Math.max(0, Math.min(piece.sizeBytes, this.#roomFor(chain) - offset)));
    const end = offset + fits.sizeBytes;
    if (end > maxFileBytes) throw new SimError("io-error", "a file on a FAT volume is smaller than 4 GiB");
    const sizeBytes = Math.max(this.#state.node(node).sizeBytes, end);
    this.#state.setContent(node, chain.cached.with(offset, fits), sizeBytes);
    if (fits.sizeBytes < piece.sizeBytes) throw noSpace();
  }

  truncate(node: NodeId, sizeBytes: number): void {
    this.#own();
    const chain = this.#chainToWrite(node);
    if (sizeBytes > this.#roomFor(chain)) throw noSpace();
    this.#state.setContent(node, chain.cached.resized(sizeBytes), sizeBytes);
  }

  reserve(node: NodeId, sizeBytes: number): void {
    this.#own();
    const chain = this.#chainToWrite(node);
    if (sizeBytes > this.#roomFor(chain)) throw noSpace();
    const reservedBytes = Math.max(chain.reservedBytes, sizeBytes);
    this.#state.chains.set(this.#state.node(node).ref, { ...chain, reservedBytes });
  }

  change(node: NodeId, change: NodeChange): void {
    this.#own();
    if (((change.mode ?? 0) & ~validModes) !== 0) {
      throw new SimError("no-permission", "a FAT volume keeps no modes");
    }
    if ((change.uid ?? 0) !== 0 || (change.gid ?? 0) !== 0) {
      throw new SimError("no-permission", "a FAT volume keeps no owners");
    }
    if (change.mtimeUs === undefined) return;
    const changeUs = this.#state.tick();
    this.#state.nodes.set(node, { ...this.#state.node(node), mtimeUs: fatTime(change.mtimeUs), changeUs });
    this.#state.noteInode(node);
  }

  sync(node: NodeId): boolean {
    this.#own();
    const { ref, kind, place } = this.#state.node(node);
    const chain = this.#state.chains.get(ref);
    if (kind === "file" && chain !== undefined) this.#state.chains.set(ref, flushedChain(chain));
    this.#state.flushTable();
    if (place !== undefined)
      this.#state.folders.set(place.folder, flushedSlot(this.#state.folder(place.folder), place.index));
    return chain?.dirty === true;
  }

  failSync(node: NodeId, reached: "nothing" | "part" | "everything"): void {
    this.#own();
    const { ref } = this.#state.node(node);
    const chain = this.#state.chains.get(ref);
    if (chain !== undefined) this.#state.chains.set(ref, failedFlush(chain, reached));
  }

  syncFolder(node: NodeId): void {
    this.#own();
    const { ref } = this.#state.node(node);
    this.#state.folders.set(ref, flushedFolder(this.#state.folder(ref)));
    this.#state.flushTable();
  }

  remount(): void {
    this.#renumber();
    this.#state = FatState.mount(this.#now, this.#state.flushed(), this.#state);
    this.#shared = false;
  }

  /** What fsck.fat would say about the unmounted volume. */
  findings(): readonly string[] {
    return checkFat(this.#state.flushed(), this.settings.blockBytes).findings;
  }

  /** Whether an open file keeps it from being unmounted. */
  busy(): boolean {
    return [...this.#state.nodes.values()].some((node) => node.holders > 0);
  }

  /** Unmounts and runs fsck.fat, up to the moment in which its changes are being written. `repair` comes to the end. */
  beginRepair(lostChains: LostChains = "salvage"): void {
    this.#renumber();
    const image = this.#state.flushed();
    this.#state = FatState.mount(this.#now, image, this.#state);
    beginRepair(this.#state, checkFat(image, this.settings.blockBytes, lostChains).repaired);
  }

  /** Unmounts, runs fsck.fat, and mounts again; returns what it found. */
  repair(lostChains: LostChains = "salvage"): readonly string[] {
    const { findings, repaired } = checkFat(this.#state.flushed(), this.settings.blockBytes, lostChains);
    this.readOnly = false;
    this.#state = FatState.mount(this.#now, repaired, this.#state);
    this.#shared = false;
    this.#renumber();
    return findings;
  }

  content(node: NodeId, from: "cache" | "medium"): Content {
    const { sizeBytes } = this.#state.node(node);
    if (sizeBytes === 0) return Content.empty;
    const chain = this.#state.chainOf(node);
    if (chain === undefined || chain.freed) throw new SimError("io-error", "its first cluster is free");
    // What was written has clusters even where the medium lost it: only a chain found short at the mount is an error.
    if (this.#clusters(chain.cached.sizeBytes) < this.#clusters(sizeBytes)) {
      throw new SimError("io-error", "its cluster chain ends before the file does");
    }
    return seen(chain, from).resized(sizeBytes);
  }

  corrupt(node: NodeId, content: Content): void {
    this.#own();
    const chain = this.#state.chainOf(node);
    if (chain !== undefined) this.#state.chains.set(this.#state.node(node).ref, { ...chain, medium: content });
  }

  unflushed(): Unflushed {
    return { lines: this.#state.describe(), contents: [] };
  }

  crashDimensions(): readonly CrashDimension[] {
    return this.#questions().map(({ what, options }) => ({ what, options: [...options.keys()] }));
  }

  afterCrash(picks: CrashPicks, now: () => bigint = this.#now): FatFileSystem {
    const image = crashedImage(this.#questions(), picks, this.#state.folders, this.#state.chains);
    const heir = new FatFileSystem(this.settings, now, FatState.mount(now, image, this.#state));
    heir.#limitBytes = this.#limitBytes;
    return heir;
  }

  fork(now: () => bigint = this.#now): FatFileSystem {
    this.#shared = true;
    const copy = new FatFileSystem(this.settings, now, this.#state);
    copy.#shared = true;
    copy.#limitBytes = this.#limitBytes;
    copy.readOnly = this.readOnly;
    return copy;
  }

  marks(): string {
    return [this.readOnly ? "read-only" : "", ...this.findings()].filter((mark) => mark !== "").join("; ");
  }

  /** A mount gives every name a new inode. */
  #renumber(): void {
    this.revision++;
    this.layout++;
    this.arrivals++;
  }

  /** Before a change that a crash may show. */
  #own(): void {
    this.revision++;
    this.#part();
  }

  /** Before any change: the state is nobody else's. */
  #part(): void {
    if (this.#shared) this.#state = this.#state.fork(this.#now);
    this.#shared = false;
  }

  #questions(): readonly FatQuestion[] {
    const { folders, chains, reused } = this.#state;
    return fatQuestions(this.settings.mountPoint, folders, chains, reused);
  }

  /** Frees what nothing leads to any more; freeing what is free tells the kernel that the volume is damaged. */
  #lose(node: NodeId): void {
    this.#state.nodes.set(node, { ...this.#state.node(node), place: undefined });
    if (!this.#state.collect(node)) this.readOnly = true;
  }

  #chainToWrite(node: NodeId): MountedChain {
    const chain = this.#state.ownChain(node);
    if (chain !== undefined) return chain;
    this.readOnly = true;
    throw new SimError("io-error", "its first cluster is free");
  }

  #clusters(sizeBytes: number): number {
    return Math.ceil(sizeBytes / this.settings.blockBytes);
  }

  #clustersOf(chain: MountedChain): number {
    return this.#clusters(Math.max(chain.cached.sizeBytes, chain.reservedBytes));
  }

  #roomBytes(): number {
    return Math.min(this.settings.sizeBytes, this.#limitBytes ?? this.settings.sizeBytes) - this.usedBytes();
  }

  /** The greatest size the chain could have now. */
  #roomFor(chain: MountedChain): number {
    const own = this.#clustersOf(chain) * this.settings.blockBytes;
    return Math.max(own, this.#roomBytes() + own);
  }
}

function noSpace(): SimError {
  return new SimError("no-space", "there is no space left on the volume");
}
