// A cluster chain of a mounted FAT volume: what the cache holds, what the medium holds, and whether it is still taken.
import { Content } from "./content.ts";
import type { FatChain } from "./fat-image.ts";
import { tearPoint } from "./file-system.ts";

/** Sectors: what a FAT volume is written in. */
export const fatTearBytes = 512;

/** Replaced, never changed, so that forks can share it. */
export interface MountedChain {
  readonly cached: Content;
  readonly medium: Content;
  readonly dirty: boolean;
  /** A flush failed: no later one brings the data to the medium. */
  readonly lost: boolean;
  readonly freed: boolean;
  readonly freedOnMedium: boolean;
  readonly reservedBytes: number;
}

export function mountedChain({ content, freed }: FatChain): MountedChain {
  return { cached: content, medium: content, dirty: false, lost: false, freed, freedOnMedium: freed, reservedBytes: 0 };
}

export const newChain: MountedChain = mountedChain({ content: Content.empty, freed: false });

export function flushedChain(chain: MountedChain): MountedChain {
  return chain.dirty ? { ...chain, medium: chain.lost ? chain.medium : chain.cached, dirty: false } : chain;
}

/** What is on the medium already is not written, and cannot fail to be. */
export function failedFlush(chain: MountedChain, reached: "nothing" | "part" | "everything"): MountedChain {
  if (!chain.dirty) return chain;
  const { sizeBytes } = chain.cached;
  const part = chain.cached.slice(0, tearPoint(sizeBytes, fatTearBytes)).resized(sizeBytes);
  const medium = reached === "nothing" ? chain.medium : reached === "part" ? part : chain.cached;
  return { ...chain, medium, dirty: false, lost: reached !== "everything" };
}

/** Reading past the cache first writes out what is dirty. */
export function seen(chain: MountedChain, from: "cache" | "medium"): Content {
  return from === "cache" || (chain.dirty && !chain.lost) ? chain.cached : chain.medium;
}
