// A mounted FAT volume as its kernel driver holds it: folders, chains and inodes, and how they follow one another.
import { assert } from "../../base/assert.ts";
import { Content } from "./content.ts";
import { flushedChain, type MountedChain, mountedChain, newChain } from "./fat-chain.ts";
import { emptyFolder, type FatFolder, freeSlot, withInode, withSlot } from "./fat-folder.ts";
import { type FatImage, type FatSlot, fatRoot } from "./fat-image.ts";
import type { NodeId } from "./file-system.ts";

/** An inode lives as long as the mount. Two slots that share a chain have one each. */
export interface FatNode {
  readonly kind: "file" | "folder";
  readonly ref: number;
  readonly sizeBytes: number;
  readonly mtimeUs: bigint;
  readonly changeUs: bigint;
  readonly place: { readonly folder: number; readonly index: number } | undefined;
  readonly holders: number;
}

export const fatRootNode: NodeId = 1;

export class FatState {
  readonly folders: Map<number, FatFolder> = new Map();
  readonly chains: Map<number, MountedChain> = new Map();
  readonly nodes: Map<NodeId, FatNode> = new Map();
  /** The dirty flag was set when it was mounted. */
  foundDirty: boolean = false;
  /** What the last removed file held: its clusters are used again first. */
  reused: Content = Content.empty;
  readonly #now: () => bigint;
  #nextNode: NodeId = fatRootNode + 1;
  #nextRef: number = fatRoot + 1;
  #lastChangeUs: bigint = 0n;

  /** `now` in microseconds. */
  constructor(now: () => bigint) {
    this.#now = now;
  }

  /** Reads a volume: every slot gets an inode of its own, numbered anew, as Linux's vfat does. */
  static mount(now: () => bigint, image: FatImage, before?: FatState): FatState {
    const state = new FatState(now);
    if (before !== undefined) state.#continue(before);
    state.foundDirty = image.dirty;
    for (const [number, chain] of image.chains) {
      state.chains.set(number, mountedChain(chain));
      state.#nextRef = Math.max(state.#nextRef, number + 1);
    }
    const changeUs = state.tick();
    const root = { kind: "folder", ref: fatRoot, sizeBytes: 0, place: undefined, holders: 0 } as const;
    state.nodes.set(fatRootNode, { ...root, mtimeUs: fatTime(changeUs), changeUs });
    state.#mountFolder(image, fatRoot);
    return state;
  }

  fork(now: () => bigint): FatState {
    const copy = new FatState(now);
    copy.#continue(this);
    copy.foundDirty = this.foundDirty;
    for (const [number, folder] of this.folders) copy.folders.set(number, folder);
    for (const [number, chain] of this.chains) copy.chains.set(number, chain);
    for (const [number, node] of this.nodes) copy.nodes.set(number, node);
    return copy;
  }

  /** The medium after a clean unmount. */
  flushed(): FatImage {
    const folders = new Map([...this.folders].map(([number, { slots }]) => [number, slots]));
    const chains = new Map(
      [...this.chains].map(([number, chain]) => [number, { content: flushedChain(chain).medium, freed: chain.freed }]),
    );
    return { folders, chains, dirty: this.foundDirty };
  }

  node(node: NodeId): FatNode {
    const known = this.nodes.get(node);
    assert(known !== undefined, `node ${node} exists`);
    return known;
  }

  folder(number: number): FatFolder {
    const folder = this.folders.get(number);
    assert(folder !== undefined, `folder ${number} exists`);
    return folder;
  }

  folderOf(node: NodeId): FatFolder {
    return this.folder(this.node(node).ref);
  }

  chainOf(node: NodeId): MountedChain | undefined {
    return this.chains.get(this.node(node).ref);
  }

  tick(): bigint {
    const now = this.#now();
    this.#lastChangeUs = now > this.#lastChangeUs ? now : this.#lastChangeUs + 1n;
    return this.#lastChangeUs;
  }

  newNode(kind: "file" | "folder"): NodeId {
    const ref = kind === "folder" ? this.#nextRef++ : 0;
    if (kind === "folder") this.folders.set(ref, emptyFolder);
    const changeUs = this.tick();
    const node = this.#nextNode++;
    const place = undefined;
    this.nodes.set(node, { kind, ref, sizeBytes: 0, mtimeUs: fatTime(changeUs), changeUs, place, holders: 0 });
    return node;
  }

  /** The chain of a file, made when it has none yet; `undefined` when its clusters are free. */
  ownChain(node: NodeId): MountedChain | undefined {
    const known = this.node(node);
    if (known.ref === 0) {
      const ref = this.#nextRef++;
      this.chains.set(ref, newChain);
      this.nodes.set(node, { ...known, ref });
      return newChain;
    }
    const chain = this.chains.get(known.ref);
    return chain?.freed === false ? chain : undefined;
  }

  setContent(node: NodeId, cached: Content, sizeBytes: number): void {
    const known = this.node(node);
    const chain = this.chains.get(known.ref);
    assert(chain !== undefined, "a file that is written has a chain");
    this.chains.set(known.ref, { ...chain, cached, dirty: true });
    const changeUs = this.tick();
    this.nodes.set(node, { ...known, sizeBytes, mtimeUs: fatTime(changeUs), changeUs });
    this.noteInode(node);
  }

  noteInode(node: NodeId): void {
    const { place } = this.node(node);
    if (place === undefined) return;
    const folder = this.folder(place.folder);
    const slot = folder.slots[place.index];
    if (slot !== undefined)
      this.folders.set(place.folder, withInode(folder, place.index, this.#slotFor(node, slot.name)));
  }

  putName(number: number, name: string, node: NodeId, index: number = freeSlot(this.folder(number))): void {
    const slot = this.#slotFor(node, name);
    const known = this.node(node);
    // A name made for something that has clusters already: the slot gets them with the inode.
    const first = known.place !== undefined && slot.ref !== 0 ? { ...slot, ref: 0, sizeBytes: 0 } : slot;
    this.folders.set(number, withSlot(this.folder(number), index, slot, node, first));
    this.nodes.set(node, { ...this.node(node), place: { folder: number, index } });
  }

  clearSlot({ folder, index }: { readonly folder: number; readonly index: number }): void {
    this.folders.set(folder, withSlot(this.folder(folder), index, undefined, undefined));
  }

  /** Frees the clusters of a file that has lost its name and its last holder. `false` when they were free already. */
  collect(node: NodeId): boolean {
    const { place, holders, ref, kind } = this.node(node);
    if (place !== undefined || holders > 0 || kind === "folder" || ref === 0) return true;
    const chain = this.chains.get(ref);
    if (chain === undefined || chain.freed) return false;
    if (chain.medium.sizeBytes > 0) this.reused = chain.medium;
    this.chains.set(ref, { ...chain, freed: true, dirty: false });
    return true;
  }

  /** All that decides what a crash can leave, in lines; chains and folders are numbered as they come up. */
  describe(): readonly string[] {
    const lines = [`${this.foundDirty} ${this.reused.key()}`];
    const numbers = new Map<number, number>();
    const numberOf = (ref: number): number => {
      if (!numbers.has(ref)) numbers.set(ref, numbers.size);
      return numbers.get(ref) ?? 0;
    };
    const told = (slots: readonly (FatSlot | undefined)[]): string =>
      slots.map((slot) => (slot === undefined ? "-" : `${slot.name} ${numberOf(slot.ref)} ${slot.sizeBytes}`)).join();
    for (const [number, { slots, medium, blocks, pending }] of this.folders) {
      lines.push(`${numberOf(number)}: ${[slots, medium, blocks].map(told).join("|")}`);
      for (const [index, versions] of pending) lines.push(`${numberOf(number)}.${index}: ${told(versions)}`);
    }
    for (const [number, { cached, medium, dirty, lost, freed, freedOnMedium }] of this.chains)
      if (!freedOnMedium) lines.push([numberOf(number), cached.key(), medium.key(), dirty, lost, freed].join(" "));
    return lines;
  }

  /** The allocation table is one for the volume: any flush writes it. */
  flushTable(): void {
    for (const [number, chain] of this.chains) {
      if (chain.freed && !chain.freedOnMedium) this.chains.set(number, { ...chain, freedOnMedium: true });
    }
  }

  #continue(before: FatState): void {
    this.reused = before.reused;
    this.#nextNode = before.#nextNode;
    this.#nextRef = before.#nextRef;
    this.#lastChangeUs = before.#lastChangeUs;
  }

  #mountFolder(image: FatImage, number: number): void {
    if (this.folders.has(number)) return;
    this.#nextRef = Math.max(this.#nextRef, number + 1);
    const slots = image.folders.get(number) ?? [];
    const nodes = slots.map((slot, index) => {
      if (slot === undefined) return undefined;
      const { kind, ref, sizeBytes, mtimeUs } = slot;
      const node = this.#nextNode++;
      // FAT keeps no time of change: after a mount there is the time of writing only.
      const place = { folder: number, index };
      this.nodes.set(node, { kind, ref, sizeBytes, mtimeUs, changeUs: mtimeUs, place, holders: 0 });
      return node;
    });
    this.folders.set(number, { slots, nodes, medium: slots, blocks: slots, pending: new Map() });
    for (const slot of slots) if (slot?.kind === "folder") this.#mountFolder(image, slot.ref);
  }

  #slotFor(node: NodeId, name: string): FatSlot {
    const { kind, ref, sizeBytes, mtimeUs } = this.node(node);
    return { name, kind, ref, sizeBytes, mtimeUs };
  }
}

/** FAT keeps times in steps of two seconds. */
export function fatTime(timeUs: bigint): bigint {
  return timeUs - (timeUs % 2_000_000n);
}
