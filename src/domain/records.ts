// The facts about a machine that cannot be observed on its disk (P7). Their files: wire/state.ts.
import type { Sha256, Version } from "../base/ids.ts";
import type { ContentDigest, Place, Role, Trust } from "./resource.ts";

export interface ResourceRecord {
  readonly transfer: string;
  readonly role: Role;
  readonly place: Place;
  /** Name at the source and digest of the bytes as they travelled; absent for what was adopted. */
  readonly sourceName?: string;
  readonly sourceSha256?: Sha256;
  readonly content: ContentDigest;
  readonly trust: Trust;
  /** The instance's stamp when its digest was last compared; a change means: read it again. */
  readonly stamp?: string;
  readonly verifiedAtMs?: number;
}

/** `versions/V.json`: the definitions recorded at installation, as what the version consists of. */
export interface VersionRecord {
  readonly format: 1;
  readonly version: Version;
  readonly installedAtMs: number;
  /**
   * Not everything of it was here when it was written (a version found half installed): it tells digests, and not
   * what an entry needs.
   */
  readonly partial?: true;
  /** Its removal has begun, and parts of it lie where today's definitions do not look. */
  readonly leaving?: true;
  readonly resources: readonly ResourceRecord[];
}

/** `quarantine/V.json`: a version that failed here or that a person went back from, with the evidence (P8). */
export interface QuarantineRecord {
  readonly format: 1;
  readonly version: Version;
  readonly atMs: number;
  readonly evidence: string;
  readonly text: string;
}

/** `pins/V.json`: a version that is never removed or overwritten (P3). */
export interface PinRecord {
  readonly format: 1;
  readonly version: Version;
  readonly atMs: number;
}

/** What was accepted from one source last. */
export interface SourceFloor {
  /** The newest signature of any list. The pair is signed after the index, so none of a pair may be earlier. */
  readonly signedAtMs: number;
  /** Of the index, which is signed before the pair. */
  readonly index?: { readonly serial: number; readonly signedAtMs: number };
}

/** `floor.json`: the newest signature accepted from each source; an earlier one is refused (P9). */
export interface FloorRecord {
  readonly format: 1;
  readonly sources: Readonly<Record<string, SourceFloor>>;
}

/** `hold.json`: no updates until then, or until released. */
export interface HoldRecord {
  readonly format: 1;
  readonly sinceMs: number;
  readonly untilMs?: number;
}

/** `last-check.json`: when the sources were last asked and answered with proof. */
export interface CheckRecord {
  readonly format: 1;
  readonly atMs: number;
  readonly signedAtMs?: number;
  readonly newest?: string;
  /** Installed versions that their publisher has taken back. */
  readonly withdrawn?: readonly Version[];
}

/** A line of `journal.jsonl`, for people. */
export interface JournalLine {
  readonly atMs: number;
  readonly event: string;
  readonly version?: string;
  readonly text: string;
}

/** `staging/DIGEST.json`: how much of a resource a partition holds, flushed. */
export interface PartialRecord {
  readonly format: 1;
  readonly sha256: Sha256;
  readonly place: Place;
  readonly bytes: number;
}

/** Present while our own changes to a FAT volume are under way. */
export interface EspOpenRecord {
  readonly format: 1;
  /** Files that a file system check had recovered on it before. */
  readonly recovered?: readonly string[];
  /** The boot in which the change began. While it lasts, the kernel knows what is on the volume, whoever was killed. */
  readonly bootId?: string;
}

/** The weakest of its parts. */
export function trustOf(resources: readonly ResourceRecord[]): Trust {
  if (resources.some(({ trust }) => trust === "unproven")) return "unproven";
  return resources.some(({ trust }) => trust === "adopted") ? "adopted" : "proven";
}
