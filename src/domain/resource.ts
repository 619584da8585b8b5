// What a version consists of: its resources, as a source offers them and as the machine holds them.
import type { Sha256, Version } from "../base/ids.ts";
import type { Fields } from "../format/pattern.ts";
import type { ReleaseFile } from "../format/release-files.ts";

/** Order of installation (P1): images and trees, then what goes beside an entry, then the entry itself. */
export type Role = "image" | "addon" | "entry";
export const roleOrder: readonly Role[] = ["image", "addon", "entry"];

/** Digest of what is installed (DESIGN, contracts): decompressed bytes, or the canonical listing of a tree. */
export type ContentDigest =
  | { readonly kind: "bytes"; readonly sha256: Sha256; readonly sizeBytes: number }
  | { readonly kind: "tree"; readonly sha256: Sha256 };

/**
 * How sure we are of a resource or version. Proven: its digest comes from a signed manifest. Adopted: found here,
 * believed and digested, never proven. Unproven: installed while verification was switched off.
 */
export type Trust = "proven" | "adopted" | "unproven";

/** Where a source's digest comes from: a signed manifest, an unsigned one, or nothing at all (`Verify=no`). */
export type Evidence = "signed" | "listed" | "none";

export type Compression = "gz" | "xz" | "zst" | "bz2";

/** How a resource travels and what it becomes. */
export type Shape =
  | { readonly kind: "bytes"; readonly compression: Compression | undefined }
  | { readonly kind: "archive"; readonly compression: Compression | undefined }
  | { readonly kind: "tree" };

/** One resource of one version, as a source offers it. */
export interface Offer {
  readonly transfer: string;
  readonly version: Version;
  /** Path below the source's `Path=`. */
  readonly name: string;
  /** URL, or an absolute path on the machine when `remote` is false. */
  readonly location: string;
  readonly remote: boolean;
  readonly shape: Shape;
  readonly fields: Fields;
  readonly evidence: Evidence;
  /** Digest of the bytes as they travel; absent only where the evidence is "none". */
  readonly sha256: Sha256 | undefined;
  /** Bytes as they travel, when the source says so before the download. */
  readonly sizeBytes: number | undefined;
  /** Of a repository with an index: the manifest of the release, which says how else the bytes can be had. */
  readonly manifest?: OfferManifest;
  /** Of a list of checksums that names a chunk index beside it: where both lie, where somebody said where its chunks are. */
  readonly listedChunks?: ListedChunks;
}

/** A chunk index (format/chunk-index.ts) as a list of checksums names it, and a store of another publisher's. */
export interface ListedChunks {
  /** URL of the index. */
  readonly location: string;
  readonly sha256: Sha256;
  /** URL of the store, without a slash at its end. */
  readonly store: string;
}

export interface OfferManifest extends ReleaseFile {
  /** Where the repository lies: a URL or an absolute path on the machine, without a slash at its end. */
  readonly folder: string;
  /** As in ManifestFacts. */
  readonly origin: string;
}

/** A version as the sources offer it under today's definitions. */
export interface Release {
  readonly version: Version;
  readonly offers: readonly Offer[];
  /** Enabled transfers that have no resource of this version; a release is offered only when there are none. */
  readonly missing: readonly string[];
}

/** What was believed about one manifest. */
export interface ManifestFacts {
  readonly location: string;
  /** The source as the definition names it, which `--from` and mirrors do not change. */
  readonly origin: string;
  readonly evidence: Evidence;
  readonly signedAtMs: number | undefined;
  readonly signer: string | undefined;
  /** Of an index: its number, which grows with every publication. */
  readonly serial?: number;
}

/** What the sources offer, newest version first. */
export interface Catalog {
  readonly releases: readonly Release[];
  /** Versions that their publisher has taken back; they are not among the releases. */
  readonly withdrawn: ReadonlySet<Version>;
  readonly manifests: readonly ManifestFacts[];
  readonly checkedAtMs: number;
}

/** Where an instance lives on the machine. */
export type Place =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "tree"; readonly path: string; readonly subvolume: boolean }
  | { readonly kind: "partition"; readonly device: string; readonly number: number; readonly sizeBytes: number };

/** A copy of a resource under its final name. That it has the right name says nothing about its bytes. */
export interface Instance {
  readonly transfer: string;
  readonly version: Version;
  readonly place: Place;
  readonly fields: Fields;
  readonly sizeBytes: number;
  /** Port Disk's stamp (files), or label and type of a partition; changes when the instance may have changed. */
  readonly stamp: string;
  /** File system id, or the device for partitions. */
  readonly fileSystem: string;
}

/** Something unfinished under a temporary name. */
export interface Leftover {
  readonly by: "holdfast" | "sysupdate";
  readonly place: Place;
  /** Ours: first 16 hex digits of the digest it is to have. */
  readonly digestPrefix: string | undefined;
  /** systemd's: the final name it was to get. */
  readonly name: string | undefined;
  /** systemd's: whether it is complete ("pending"). */
  readonly stage?: "partial" | "pending";
  readonly transfer: string;
  readonly sizeBytes: number;
  /** What it takes of its file system, room reserved for it included; nothing in a partition. */
  readonly takenBytes: number;
}

/** A partition that a transfer may write. */
export interface Slot {
  readonly transfer: string;
  readonly device: string;
  readonly number: number;
  readonly sizeBytes: number;
  readonly label: string;
  readonly empty: boolean;
}

/** What the machine holds, under today's definitions. */
export interface Inventory {
  readonly instances: readonly Instance[];
  readonly leftovers: readonly Leftover[];
  readonly slots: readonly Slot[];
}

/** Whether two places are the same one. */
export function samePlace(a: Place, b: Place): boolean {
  if (a.kind === "partition" || b.kind === "partition") {
    return a.kind === "partition" && b.kind === "partition" && a.device === b.device && a.number === b.number;
  }
  return a.path === b.path;
}

/** A place in words, for messages. */
export function describePlace(place: Place): string {
  return place.kind === "partition" ? `partition ${place.number} of ${place.device}` : place.path;
}
