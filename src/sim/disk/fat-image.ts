// What is on the medium of a FAT volume, and fsck.fat as an actor on it: slots in folders lead to cluster chains.
import type { Content } from "./content.ts";

/** A directory entry. Two slots may lead to one chain after a crash in the middle of a rename. */
export interface FatSlot {
  readonly name: string;
  readonly kind: "file" | "folder";
  /** Of the chain, or of the folder. 0: no cluster yet. */
  readonly ref: number;
  readonly sizeBytes: number;
  readonly mtimeUs: bigint;
}

export interface FatChain {
  readonly content: Content;
  /** Its clusters are marked free in the allocation table. */
  readonly freed: boolean;
}

export type FatSlots = readonly (FatSlot | undefined)[];

/** Folders and chains by number. Folder 1 is the root. */
export interface FatImage {
  readonly folders: ReadonlyMap<number, FatSlots>;
  readonly chains: ReadonlyMap<number, FatChain>;
  /** The dirty flag: the volume was mounted and not unmounted. */
  readonly dirty: boolean;
}

export const fatRoot = 1;

/** As `fsck.fat -a` does: chains that no name leads to become files in the root. `free` is its behaviour without -a. */
export type LostChains = "salvage" | "free";

/**
 * What fsck.fat finds, in words, and the volume after it: of two names on one chain the second is cut to zero bytes,
 * a chain that is too short cuts the size, a free one makes the file empty, the dirty flag goes.
 */
export function checkFat(
  image: FatImage,
  clusterBytes: number,
  lostChains: LostChains = "salvage",
): { readonly findings: readonly string[]; readonly repaired: FatImage } {
  const findings: string[] = [];
  if (image.dirty) findings.push("the dirty flag is set");
  const folders = new Map<number, FatSlots>();
  const chains = new Map(image.chains);
  const owners = new Map<number, string>();

  const checkFile = (slot: FatSlot, path: string): FatSlot => {
    if (slot.ref === 0) return slot;
    const empty: FatSlot = { ...slot, ref: 0, sizeBytes: 0 };
    const chain = image.chains.get(slot.ref);
    if (chain === undefined || chain.freed) {
      findings.push(`${path} starts at a free cluster`);
      return empty;
    }
    const owner = owners.get(slot.ref);
    if (owner !== undefined) {
      findings.push(`${path} and ${owner} share clusters`);
      return empty;
    }
    if (chain.content.sizeBytes === 0) {
      if (slot.sizeBytes > 0) findings.push(`${path} has no clusters`);
      return empty;
    }
    owners.set(slot.ref, path);
    const chainBytes = Math.ceil(chain.content.sizeBytes / clusterBytes) * clusterBytes;
    if (slot.sizeBytes > chainBytes) {
      findings.push(`${path} is larger than its chain`);
      return { ...slot, sizeBytes: chainBytes };
    }
    if (slot.sizeBytes <= chainBytes - clusterBytes) {
      findings.push(`${path} is smaller than its chain`);
      chains.set(slot.ref, { ...chain, content: chain.content.resized(slot.sizeBytes) });
      if (slot.sizeBytes === 0) return empty;
    }
    return slot;
  };

  const checkFolder = (folder: number, path: string): void => {
    if (folders.has(folder)) return;
    const seen = new Set<string>();
    const slots: (FatSlot | undefined)[] = [];
    folders.set(folder, slots);
    for (const slot of image.folders.get(folder) ?? []) {
      if (slot === undefined) {
        slots.push(undefined);
        continue;
      }
      let kept: FatSlot | undefined = slot;
      if (slot.kind === "file") {
        kept = checkFile(slot, `${path}/${slot.name}`);
      } else if (folders.has(slot.ref)) {
        findings.push(`${path}/${slot.name} and another folder share clusters`);
        kept = undefined;
      } else {
        checkFolder(slot.ref, `${path}/${slot.name}`);
      }
      if (kept !== undefined && seen.has(kept.name.toLowerCase())) {
        findings.push(`${path}/${kept.name} is there twice`);
        kept = { ...kept, name: unusedName(image.folders.get(folder) ?? [], slots, "REN") };
      }
      if (kept !== undefined) seen.add(kept.name.toLowerCase());
      slots.push(kept);
    }
  };
  checkFolder(fatRoot, "");

  const root = [...(folders.get(fatRoot) ?? [])];
  for (const [number, chain] of image.chains) {
    if (owners.has(number)) continue;
    chains.delete(number);
    if (chain.freed || chain.content.sizeBytes === 0) continue;
    findings.push(`${chain.content.sizeBytes} bytes belong to no name`);
    if (lostChains === "free") continue;
    const sizeBytes = Math.ceil(chain.content.sizeBytes / clusterBytes) * clusterBytes;
    const name = unusedName([], root, "REC");
    chains.set(number, { content: chain.content.resized(sizeBytes), freed: false });
    root.push({ name, kind: "file", ref: number, sizeBytes, mtimeUs: 0n });
  }
  folders.set(fatRoot, root);
  return { findings, repaired: { folders, chains, dirty: false } };
}

function unusedName(before: FatSlots, now: FatSlots, suffix: string): string {
  const taken = new Set([...before, ...now].map((slot) => slot?.name));
  let number = 0;
  while (taken.has(`FSCK${String(number).padStart(4, "0")}.${suffix}`)) number++;
  return `FSCK${String(number).padStart(4, "0")}.${suffix}`;
}
