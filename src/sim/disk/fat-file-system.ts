// A FAT volume as Linux's vfat keeps it: a rename writes the new slot, then deletes the old one, and nothing orders the
// two on the medium. Two names left over share one chain; removing one damages the other (DESIGN, model of a disk).
import { assert } from "../../base/assert.ts";
import type { CrashDimension, CrashPicks } from "../crash-choices.ts";
import { Content } from "./content.ts";
import { checkFat, type FatImage, type FatSlot, type FatSlots, fatRoot, type LostChains } from "./fat-image.ts";
import {
  contentOutcomes,
  type NewNode,
  type NodeChange,
  type NodeId,
  type NodeView,
  SimError,
  type SimFileSystem,
  type SimFileSystemSettings,
  tearPoint,
} from "./file-system.ts";

interface Chain {
  readonly cached: Content;
  readonly medium: Content;
  readonly dirty: boolean;
  /** A flush failed: no later one brings the data to the medium. */
  readonly lost: boolean;
  readonly freed: boolean;
  readonly freedOnMedium: boolean;
  readonly reservedBytes: number;
}

/** Replaced, never changed, so that forks can share it. */
interface Folder {
  readonly slots: FatSlots;
  readonly nodes: readonly (NodeId | undefined)[];
  readonly medium: FatSlots;
  /** Versions of a slot that have been written since the last flush; any of them may be on the medium. */
  readonly pending: ReadonlyMap<number, readonly (FatSlot | undefined)[]>;
}

interface Node {
  readonly kind: "file" | "folder";
  readonly ref: number;
  readonly sizeBytes: number;
  readonly mtimeUs: bigint;
  readonly changeUs: bigint;
  readonly place: { readonly folder: number; readonly index: number } | undefined;
  readonly holders: number;
}

const tearBytes = 512;
const maxFileBytes = 2 ** 32 - 1;
/** Mounted with `umask=0077`, as an ESP should be. */
const modes = [0o700, 0o500];

export class FatFileSystem implements SimFileSystem {
  readonly settings: Required<SimFileSystemSettings>;
  readonly root: NodeId = 1;
  readOnly: boolean = false;
  readonly #now: () => bigint;
  #folders: Map<number, Folder> = new Map();
  #chains: Map<number, Chain> = new Map();
  #nodes: Map<NodeId, Node> = new Map();
  #foundDirty: boolean = false;
  #reused: Content = Content.empty;
  #nextNode: NodeId = 2;
  #nextRef: number = fatRoot + 1;
  #lastChangeUs: bigint = 0n;
  #limitBytes: number | undefined;

  /** `now` in microseconds. */
  constructor(settings: SimFileSystemSettings, now: () => bigint, image?: FatImage) {
    this.settings = { blockBytes: 4096, ...settings };
    this.#now = now;
    this.#mount(image ?? { folders: new Map([[fatRoot, []]]), chains: new Map(), dirty: false });
  }

  usedBytes(): number {
    let clusters = this.#folders.size;
    for (const chain of this.#chains.values()) {
      if (!chain.freed)
        clusters += Math.ceil(Math.max(chain.cached.sizeBytes, chain.reservedBytes) / this.settings.blockBytes);
    }
    return clusters * this.settings.blockBytes;
  }

  limitBytes(bytes: number | undefined): void {
    this.#limitBytes = bytes;
  }

  setReadOnly(readOnly: boolean): void {
    this.readOnly = readOnly;
  }

  lookUp(folder: NodeId, name: string): NodeId | undefined {
    const { slots, nodes } = this.#folderOf(folder);
    const index = slots.findIndex((slot) => slot !== undefined && slot.name.toLowerCase() === name.toLowerCase());
    return nodes[index];
  }

  names(folder: NodeId): readonly (readonly [string, NodeId])[] {
    const { slots, nodes } = this.#folderOf(folder);
    return slots.flatMap((slot, index) => {
      const node = nodes[index];
      return slot === undefined || node === undefined ? [] : [[slot.name, node] as const];
    });
  }

  view(node: NodeId): NodeView {
    const { kind, sizeBytes, mtimeUs, changeUs, place } = this.#node(node);
    const links = place === undefined && node !== this.root ? 0 : 1;
    return {
      kind,
      sizeBytes,
      mode: 0o700,
      uid: 0,
      gid: 0,
      mtimeUs,
      changeUs,
      links,
      target: undefined,
      frozen: false,
      subvolume: false,
    };
  }

  create(folder: NodeId, name: string, { kind }: NewNode): NodeId {
    if (kind === "symlink") throw new SimError("no-permission", "a FAT volume has no symbolic links");
    const isFolder = kind === "folder";
    if (isFolder) this.#needRoom(this.settings.blockBytes);
    const ref = isFolder ? this.#nextRef++ : 0;
    if (isFolder) this.#folders.set(ref, { slots: [], nodes: [], medium: [], pending: new Map() });
    const changeUs = this.#tick();
    const node = this.#nextNode++;
    this.#nodes.set(node, {
      kind,
      ref,
      sizeBytes: 0,
      mtimeUs: fatTime(changeUs),
      changeUs,
      place: undefined,
      holders: 0,
    });
    this.#putName(this.#node(folder).ref, name, node);
    return node;
  }

  link(): void {
    throw new SimError("no-permission", "a FAT volume has no hard links");
  }

  unlink(folder: NodeId, name: string): void {
    const node = this.lookUp(folder, name);
    assert(node !== undefined, "unlink is called with a name that exists");
    this.#deleteName(node);
    this.#collect(node);
  }

  rename(fromFolder: NodeId, fromName: string, toFolder: NodeId, toName: string): void {
    const node = this.lookUp(fromFolder, fromName);
    const found = this.lookUp(toFolder, toName);
    const over = found === node ? undefined : found;
    assert(node !== undefined, "rename is called with a name that exists");
    const old = this.#node(node).place;
    assert(old !== undefined, "a name has a place");
    const overPlace = over === undefined ? undefined : this.#node(over).place;
    this.#putName(this.#node(toFolder).ref, toName, node, overPlace?.index);
    this.#writeSlot(old.folder, old.index, undefined, undefined);
    if (over === undefined) return;
    this.#nodes.set(over, { ...this.#node(over), place: undefined });
    this.#collect(over);
  }

  hold(node: NodeId): void {
    const known = this.#node(node);
    this.#nodes.set(node, { ...known, holders: known.holders + 1 });
  }

  release(node: NodeId): void {
    const known = this.#nodes.get(node);
    if (known === undefined) return;
    this.#nodes.set(node, { ...known, holders: known.holders - 1 });
    if (known.place === undefined) this.#collect(node);
  }

  read(node: NodeId, from: "cache" | "medium", offset: number, into: Uint8Array): number {
    try {
      return this.content(node, from).readInto(offset, into);
    } catch (error) {
      // errors=remount-ro, which is vfat's default.
      this.readOnly = true;
      throw error;
    }
  }

  write(node: NodeId, offset: number, piece: Content): void {
    const chain = this.#ownChain(node);
    const fits = piece.slice(0, Math.max(0, Math.min(piece.sizeBytes, this.#roomFor(chain) - offset)));
    if (offset + fits.sizeBytes > maxFileBytes)
      throw new SimError("io-error", "a file on a FAT volume is smaller than 4 GiB");
    this.#setContent(
      node,
      chain.cached.with(offset, fits),
      Math.max(this.#node(node).sizeBytes, offset + fits.sizeBytes),
    );
    if (fits.sizeBytes < piece.sizeBytes) throw new SimError("no-space", "there is no space left on the volume");
  }

  truncate(node: NodeId, sizeBytes: number): void {
    const chain = this.#ownChain(node);
    if (sizeBytes > this.#roomFor(chain)) throw new SimError("no-space", "there is no space left on the volume");
    this.#setContent(node, chain.cached.resized(sizeBytes), sizeBytes);
  }

  reserve(node: NodeId, sizeBytes: number): void {
    const chain = this.#ownChain(node);
    if (sizeBytes > this.#roomFor(chain)) throw new SimError("no-space", "there is no space left on the volume");
    this.#chains.set(this.#node(node).ref, { ...chain, reservedBytes: Math.max(chain.reservedBytes, sizeBytes) });
  }

  change(node: NodeId, change: NodeChange): void {
    if (change.mode !== undefined && !modes.includes(change.mode))
      throw new SimError("no-permission", "a FAT volume keeps no modes");
    if ((change.uid ?? 0) !== 0 || (change.gid ?? 0) !== 0)
      throw new SimError("no-permission", "a FAT volume keeps no owners");
    if (change.mtimeUs === undefined) return;
    this.#nodes.set(node, { ...this.#node(node), mtimeUs: fatTime(change.mtimeUs), changeUs: this.#tick() });
    this.#noteInode(node);
  }

  sync(node: NodeId): void {
    const { ref, kind, place } = this.#node(node);
    const chain = this.#chains.get(ref);
    if (kind === "file" && chain?.dirty === true) {
      this.#chains.set(ref, { ...chain, medium: chain.lost ? chain.medium : chain.cached, dirty: false });
    }
    this.#flushTable();
    if (place === undefined) return;
    const folder = this.#folder(place.folder);
    const latest = folder.slots[place.index];
    if (!folder.pending.has(place.index)) return;
    const pending = new Map(folder.pending);
    if (folder.medium[place.index]?.name === latest?.name) {
      pending.delete(place.index);
      const medium = [...folder.medium];
      medium[place.index] = latest;
      this.#folders.set(place.folder, { ...folder, medium, pending });
    } else {
      this.#folders.set(place.folder, { ...folder, pending: pending.set(place.index, [latest]) });
    }
  }

  failSync(node: NodeId, reached: "nothing" | "part" | "everything"): void {
    const { ref } = this.#node(node);
    const chain = this.#chains.get(ref);
    if (chain === undefined) return;
    const { sizeBytes } = chain.cached;
    const part = chain.cached.slice(0, tearPoint(sizeBytes, tearBytes)).resized(sizeBytes);
    const medium = reached === "nothing" ? chain.medium : reached === "part" ? part : chain.cached;
    this.#chains.set(ref, { ...chain, medium, dirty: false, lost: reached !== "everything" });
  }

  syncFolder(node: NodeId): void {
    const { ref } = this.#node(node);
    const folder = this.#folder(ref);
    this.#folders.set(ref, { ...folder, medium: folder.slots, pending: new Map() });
    this.#flushTable();
  }

  remount(): void {
    this.#mount({ ...this.#flushed(), dirty: this.#foundDirty });
  }

  /** What fsck.fat would say about the unmounted volume. */
  findings(): readonly string[] {
    return checkFat({ ...this.#flushed(), dirty: this.#foundDirty }, this.settings.blockBytes).findings;
  }

  /** Unmounts, runs fsck.fat, and mounts again; returns what it found. */
  repair(lostChains: LostChains = "salvage"): readonly string[] {
    const { findings, repaired } = checkFat(
      { ...this.#flushed(), dirty: this.#foundDirty },
      this.settings.blockBytes,
      lostChains,
    );
    this.readOnly = false;
    this.#mount(repaired);
    return findings;
  }

  content(node: NodeId, from: "cache" | "medium"): Content {
    const { ref, sizeBytes } = this.#node(node);
    const chain = this.#chains.get(ref);
    if (sizeBytes === 0) return Content.empty;
    if (chain === undefined || chain.freed) throw new SimError("io-error", "its first cluster is free");
    // Reading past the cache first writes out what is dirty.
    const content = from === "cache" || (chain.dirty && !chain.lost) ? chain.cached : chain.medium;
    // What was written has clusters even where the medium lost it: only a chain found short at the mount is an error.
    if (chain.cached.sizeBytes < sizeBytes && this.#clusters(chain.cached.sizeBytes) < this.#clusters(sizeBytes)) {
      throw new SimError("io-error", "its cluster chain ends before the file does");
    }
    return content.resized(sizeBytes);
  }

  corrupt(node: NodeId, content: Content): void {
    const { ref } = this.#node(node);
    const chain = this.#chains.get(ref);
    if (chain !== undefined) this.#chains.set(ref, { ...chain, medium: content });
  }

  crashDimensions(): readonly CrashDimension[] {
    return this.#questions().map(({ what, options }) => ({ what, options: [...options.keys()] }));
  }

  afterCrash(picks: CrashPicks): FatFileSystem {
    const folders = new Map([...this.#folders].map(([number, folder]) => [number, [...folder.medium]]));
    const chains = new Map(
      [...this.#chains].map(([number, chain]) => [number, { content: chain.medium, freed: chain.freedOnMedium }]),
    );
    for (const [index, { options }] of this.#questions().entries())
      [...options.values()][picks[index] ?? 0]?.(folders, chains);
    const heir = new FatFileSystem(this.settings, this.#now);
    return this.#inherit(heir, () => heir.#mount({ folders, chains, dirty: true }));
  }

  fork(): FatFileSystem {
    const heir = new FatFileSystem(this.settings, this.#now);
    return this.#inherit(heir, () => {
      heir.#folders = new Map(this.#folders);
      heir.#chains = new Map(this.#chains);
      heir.#nodes = new Map(this.#nodes);
      heir.#foundDirty = this.#foundDirty;
      heir.readOnly = this.readOnly;
    });
  }

  marks(): string {
    return [this.#foundDirty ? "dirty" : "", this.readOnly ? "ro" : "", ...this.findings()]
      .filter((mark) => mark !== "")
      .join("; ");
  }

  #inherit(heir: FatFileSystem, fill: () => void): FatFileSystem {
    heir.#reused = this.#reused;
    heir.#nextNode = this.#nextNode;
    heir.#nextRef = this.#nextRef;
    heir.#lastChangeUs = this.#lastChangeUs;
    heir.#limitBytes = this.#limitBytes;
    fill();
    return heir;
  }

  /** Reads the volume: every slot gets a node of its own, also where two share a chain. */
  #mount(image: FatImage): void {
    this.#folders = new Map();
    this.#chains = new Map();
    this.#nodes = new Map();
    this.#foundDirty = image.dirty;
    for (const [number, { content, freed }] of image.chains) {
      this.#chains.set(number, {
        cached: content,
        medium: content,
        dirty: false,
        lost: false,
        freed,
        freedOnMedium: freed,
        reservedBytes: 0,
      });
      this.#nextRef = Math.max(this.#nextRef, number + 1);
    }
    const start = this.#tick();
    this.#nodes.set(this.root, {
      kind: "folder",
      ref: fatRoot,
      sizeBytes: 0,
      mtimeUs: fatTime(start),
      changeUs: start,
      place: undefined,
      holders: 0,
    });
    const visit = (number: number): void => {
      if (this.#folders.has(number)) return;
      this.#nextRef = Math.max(this.#nextRef, number + 1);
      const slots = image.folders.get(number) ?? [];
      const nodes = slots.map((slot, index) => {
        if (slot === undefined) return undefined;
        const { kind, ref, sizeBytes, mtimeUs } = slot;
        const node = this.#nextNode++;
        // FAT keeps no time of change: after a mount there is the time of writing only.
        this.#nodes.set(node, {
          kind,
          ref,
          sizeBytes,
          mtimeUs,
          changeUs: mtimeUs,
          place: { folder: number, index },
          holders: 0,
        });
        return node;
      });
      this.#folders.set(number, { slots, nodes, medium: slots, pending: new Map() });
      for (const slot of slots) if (slot?.kind === "folder") visit(slot.ref);
    };
    visit(fatRoot);
  }

  #flushed(): FatImage {
    const folders = new Map([...this.#folders].map(([number, { slots }]) => [number, slots]));
    const chains = new Map(
      [...this.#chains].map(([number, chain]) => [
        number,
        { content: chain.dirty && !chain.lost ? chain.cached : chain.medium, freed: chain.freed },
      ]),
    );
    return { folders, chains, dirty: true };
  }

  #node(node: NodeId): Node {
    const known = this.#nodes.get(node);
    assert(known !== undefined, `node ${node} exists`);
    return known;
  }

  #folder(number: number): Folder {
    const folder = this.#folders.get(number);
    assert(folder !== undefined, `folder ${number} exists`);
    return folder;
  }

  #folderOf(node: NodeId): Folder {
    return this.#folder(this.#node(node).ref);
  }

  #tick(): bigint {
    const now = this.#now();
    this.#lastChangeUs = now > this.#lastChangeUs ? now : this.#lastChangeUs + 1n;
    return this.#lastChangeUs;
  }

  #clusters(sizeBytes: number): number {
    return Math.ceil(sizeBytes / this.settings.blockBytes);
  }

  #roomFor(chain: Chain): number {
    const own = this.#clusters(Math.max(chain.cached.sizeBytes, chain.reservedBytes)) * this.settings.blockBytes;
    return Math.max(
      own,
      Math.min(this.settings.sizeBytes, this.#limitBytes ?? this.settings.sizeBytes) - (this.usedBytes() - own),
    );
  }

  #needRoom(bytes: number): void {
    if (this.usedBytes() + bytes <= Math.min(this.settings.sizeBytes, this.#limitBytes ?? this.settings.sizeBytes))
      return;
    throw new SimError("no-space", "there is no space left on the volume");
  }

  /** The chain of a file, made when it has none yet. */
  #ownChain(node: NodeId): Chain {
    const known = this.#node(node);
    if (known.ref === 0) {
      const ref = this.#nextRef++;
      const chain: Chain = {
        cached: Content.empty,
        medium: Content.empty,
        dirty: false,
        lost: false,
        freed: false,
        freedOnMedium: false,
        reservedBytes: 0,
      };
      this.#chains.set(ref, chain);
      this.#nodes.set(node, { ...known, ref });
      return chain;
    }
    const chain = this.#chains.get(known.ref);
    if (chain === undefined || chain.freed) {
      this.readOnly = true;
      throw new SimError("io-error", "its first cluster is free");
    }
    return chain;
  }

  #setContent(node: NodeId, cached: Content, sizeBytes: number): void {
    const known = this.#node(node);
    const chain = this.#ownChain(node);
    this.#chains.set(known.ref, { ...chain, cached, dirty: true });
    const changeUs = this.#tick();
    this.#nodes.set(node, { ...known, sizeBytes, mtimeUs: fatTime(changeUs), changeUs });
    this.#noteInode(node);
  }

  #slotFor(node: NodeId, name: string): FatSlot {
    const { kind, ref, sizeBytes, mtimeUs } = this.#node(node);
    return { name, kind, ref, sizeBytes, mtimeUs };
  }

  /** The slot of a file follows its inode: written back some time, for sure with its flush. */
  #noteInode(node: NodeId): void {
    const { place } = this.#node(node);
    const folder = place === undefined ? undefined : this.#folder(place.folder);
    const slot = place === undefined ? undefined : folder?.slots[place.index];
    if (place === undefined || folder === undefined || slot === undefined) return;
    const next = this.#slotFor(node, slot.name);
    const pending = folder.pending.get(place.index) ?? [];
    const last = pending.at(-1);
    // Of a file that grows in many writes only the last size is kept: the ones between are cut files like any other.
    const replaces = last !== undefined && last.name === next.name && last.ref === next.ref;
    const history = [...(replaces ? pending.slice(0, -1) : pending), next];
    const slots = [...folder.slots];
    slots[place.index] = next;
    this.#folders.set(place.folder, { ...folder, slots, pending: new Map(folder.pending).set(place.index, history) });
  }

  #putName(number: number, name: string, node: NodeId, index: number = this.#freeIndex(number)): void {
    this.#writeSlot(number, index, this.#slotFor(node, name), node);
    this.#nodes.set(node, { ...this.#node(node), place: { folder: number, index } });
  }

  #freeIndex(number: number): number {
    const { slots } = this.#folder(number);
    const free = slots.indexOf(undefined);
    return free === -1 ? slots.length : free;
  }

  #deleteName(node: NodeId): void {
    const known = this.#node(node);
    if (known.place === undefined) return;
    this.#writeSlot(known.place.folder, known.place.index, undefined, undefined);
    this.#nodes.set(node, { ...known, place: undefined });
  }

  #writeSlot(number: number, index: number, slot: FatSlot | undefined, node: NodeId | undefined): void {
    const folder = this.#folder(number);
    const slots = [...folder.slots];
    const nodes = [...folder.nodes];
    slots[index] = slot;
    nodes[index] = node;
    const pending = new Map(folder.pending).set(index, [...(folder.pending.get(index) ?? []), slot]);
    this.#folders.set(number, { ...folder, slots, nodes, pending });
  }

  /** Frees the clusters of a file that has lost its name and its last holder. */
  #collect(node: NodeId): void {
    const { place, holders, ref, kind } = this.#node(node);
    if (place !== undefined || holders > 0 || kind === "folder" || ref === 0) return;
    const chain = this.#chains.get(ref);
    if (chain === undefined || chain.freed) {
      // Freeing what is free: the kernel notices that the volume is damaged.
      this.readOnly = true;
      return;
    }
    if (chain.medium.sizeBytes > 0) this.#reused = chain.medium;
    this.#chains.set(ref, { ...chain, freed: true, dirty: false });
  }

  /** The allocation table is one for the volume: any flush writes it. */
  #flushTable(): void {
    for (const [number, chain] of this.#chains) {
      if (chain.freed && !chain.freedOnMedium) this.#chains.set(number, { ...chain, freedOnMedium: true });
    }
  }

  /** What a crash decides, with what each outcome does to the folders and chains of the medium. */
  #questions(): readonly Question[] {
    const questions: Question[] = [];
    for (const [number, folder] of this.#folders) {
      for (const [index, versions] of folder.pending) {
        const options = new Map<string, Outcome>();
        for (const slot of [folder.medium[index], ...versions]) {
          // A slot that came back to what it was is still another outcome than the one in between.
          let label = slotLabel(slot);
          while (options.has(label)) label += " again";
          options.set(label, (folders) => {
            const slots = folders.get(number);
            if (slots !== undefined) slots[index] = slot;
          });
        }
        questions.push({ what: `slot ${index} of folder ${number} on ${this.settings.mountPoint}`, options });
      }
    }
    for (const [number, chain] of this.#chains) {
      const what = `chain ${number} on ${this.settings.mountPoint}`;
      if (chain.freed && !chain.freedOnMedium) {
        const free: Outcome = (_, chains) => chains.set(number, { content: chain.medium, freed: true });
        questions.push({
          what,
          options: new Map<string, Outcome>([
            ["kept", () => {}],
            ["free", free],
          ]),
        });
      } else if (chain.dirty && !chain.lost && !chain.freed) {
        const outcomes = contentOutcomes(chain.medium, chain.cached, this.#reused, tearBytes);
        const options = [...outcomes].map(
          ([label, content]) =>
            [label, (_: unknown, chains: Chains) => chains.set(number, { content, freed: false })] as const,
        );
        questions.push({ what, options: new Map<string, Outcome>(options) });
      }
    }
    return questions;
  }
}

type Chains = Map<number, { content: Content; freed: boolean }>;
type Outcome = (folders: Map<number, (FatSlot | undefined)[]>, chains: Chains) => void;

interface Question {
  readonly what: string;
  readonly options: ReadonlyMap<string, Outcome>;
}

function slotLabel(slot: FatSlot | undefined): string {
  return slot === undefined ? "free" : `${slot.name} (${slot.sizeBytes} bytes, chain ${slot.ref})`;
}

/** FAT keeps times in steps of two seconds. */
function fatTime(timeUs: bigint): bigint {
  return timeUs - (timeUs % 2_000_000n);
}
