// What a publisher's files say of themselves, as far as a release can be judged by it.
import type { Sha256, Version } from "../base/ids.ts";
import type { Transfer } from "../format/definitions.ts";
import type { ErofsSuperblock } from "../format/erofs/superblock.ts";
import type { Content, ReleaseIndex } from "../format/release-files.ts";

export type ReleaseRole = "image" | "addon" | "entry";

/** What a boot entry says. */
export interface EntryFacts {
  /** As systemd names it; `undefined` for type 1 entries. */
  readonly architecture: string | undefined;
  /** Whether the loader shows it; an addon has no os-release. */
  readonly shown: boolean;
  /** IMAGE_VERSION of its os-release, or `version` of a type 1 entry. */
  readonly version: string | undefined;
  readonly commandLine: string;
}

/** What the root image says of the system in it. */
export interface SystemFacts {
  readonly version: string | undefined;
  readonly architecture: string | undefined;
}

export type InitrdFacts =
  | { readonly kind: "has-parts" }
  | { readonly kind: "lacks-parts"; readonly what: string }
  | { readonly kind: "unknown"; readonly why: string };

export interface VerityFacts {
  /** Hex digits. */
  readonly rootHash: string;
  /** Of the image that it is for. */
  readonly dataBytes: number;
}

export interface PayloadFacts {
  readonly name: string;
  readonly sizeBytes: number;
  readonly entry?: EntryFacts;
  readonly initrd?: InitrdFacts;
  readonly erofs?: ErofsSuperblock;
  readonly system?: SystemFacts;
  readonly verity?: VerityFacts;
  /** What is wrong with the file by itself: a Fault of the format it begins like. */
  readonly damage?: { readonly code: string; readonly why: string };
}

export interface ReleaseRequest {
  readonly version: Version;
  readonly files: readonly PayloadFacts[];
  /** The transfers that machines have; absent: none were given. */
  readonly transfers: readonly Transfer[] | undefined;
  readonly published: ReleaseIndex;
  readonly staged: readonly Version[];
  readonly withoutInitrdParts: boolean;
}

/** A file whose bytes are known. */
export interface PayloadContent {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
  /** After decompression. */
  readonly content: Content;
}
