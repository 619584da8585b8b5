// The machine that is simulated: its file systems, its slots, and how large each resource is, each with where that is known from.
import type { Uuid } from "../../base/ids.ts";
import type { SimFileSystemType } from "../disk/file-system.ts";

/** `assumed`: nobody said so; the report shows it. */
export type KnownFrom = "given" | "machine" | "repository" | "assumed";

export interface Volume {
  readonly mountPoint: string;
  readonly type: SimFileSystemType;
  readonly sizeBytes: number;
  /** What all versions together may take of it. */
  readonly roomBytes: number;
  readonly from: KnownFrom;
}

/** Partitions of one type on one disk. */
export interface SlotGroup {
  readonly device: string;
  readonly type: Uuid;
  readonly transfers: readonly string[];
  readonly count: number;
  readonly sizeBytes: number;
  readonly from: KnownFrom;
}

export interface ResourceSize {
  /** As it is installed. */
  readonly contentBytes: number;
  /** As it travels: less where it is compressed. */
  readonly travelBytes: number;
  readonly from: KnownFrom;
}

export interface Shape {
  readonly volumes: readonly Volume[];
  readonly esp: string | undefined;
  readonly xbootldr: string | undefined;
  readonly slots: readonly SlotGroup[];
  /** By transfer. */
  readonly sizes: ReadonlyMap<string, ResourceSize>;
}

export interface KnownSlots {
  readonly count: number;
  readonly sizeBytes: number;
  readonly from: KnownFrom;
}

export interface KnownSize {
  readonly bytes: number;
  readonly travel?: number;
  readonly from: KnownFrom;
}

/** What is known before anything is assumed: from a file, from options, from a machine, from a repository. */
export interface KnownShape {
  readonly volumes: readonly Volume[];
  /** By transfer: how many partitions, and how large. */
  readonly slots: ReadonlyMap<string, KnownSlots>;
  readonly sizes: ReadonlyMap<string, KnownSize>;
  readonly esp?: string;
  readonly xbootldr?: string;
}

export const nothingKnown: KnownShape = { volumes: [], slots: new Map(), sizes: new Map() };

/** The volume that holds `path`. */
export function volumeOf(volumes: readonly Volume[], path: string): Volume {
  const holding = volumes.filter(
    ({ mountPoint }) => mountPoint === "/" || path === mountPoint || path.startsWith(`${mountPoint}/`),
  );
  const [deepest] = holding.sort((a, b) => b.mountPoint.length - a.mountPoint.length);
  if (deepest === undefined) throw new Error("Assertion failed: a machine has a file system at /");
  return deepest;
}
