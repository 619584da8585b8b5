// The plan: ordered steps to the wanted state, or a named refusal. Made by planner.ts, carried out by agent/.
import type { Version } from "../base/ids.ts";
import type { BootEntry } from "./boot-graph.ts";
import type { Instance, Leftover, Offer, Place, Role } from "./resource.ts";

/** The entry the machine falls back to if the new one never comes up (DESIGN, "The way back"). */
export type WayBack =
  | { readonly kind: "version"; readonly version: Version; readonly entry: BootEntry | undefined }
  /** Nothing that could boot is installed yet, so nothing can be lost. */
  | { readonly kind: "none"; readonly why: string };

/** Where a resource is to be written. */
export interface Destination {
  readonly transfer: string;
  readonly role: Role;
  readonly place: Place;
  /** Staging file, folder of a tree, or the slot itself for partitions. */
  readonly staging: Place;
  readonly fileSystem: string;
}

/** Removal of one version, whole, entry first (P2). */
export interface Removal {
  readonly version: Version;
  readonly why:
    | "make-room"
    | "retention"
    | "obsolete"
    | "asked"
    | "broken"
    | "disabled-feature"
    | "replaced"
    | "incomplete";
  /** In order: entries, then addons, then the rest. */
  readonly instances: readonly Instance[];
}

export type Step =
  /** Read everything the version consists of and compare it with its digests (P4). */
  | { readonly kind: "prove"; readonly version: Version }
  /** Fetch the boot entry and ask whether the firmware would start it, before anything is touched (P12). */
  | { readonly kind: "admit"; readonly version: Version; readonly offer: Offer }
  | { readonly kind: "clear"; readonly removal: Removal }
  | { readonly kind: "acquire"; readonly offer: Offer; readonly destination: Destination; readonly resumeBytes: number }
  | { readonly kind: "install"; readonly offer: Offer; readonly destination: Destination }
  | { readonly kind: "link"; readonly transfer: string; readonly symlink: string; readonly target: string }
  | { readonly kind: "audit"; readonly version: Version; readonly boots: boolean }
  | { readonly kind: "sweep"; readonly leftovers: readonly Leftover[] };

/** Bytes on one file system, before and after. */
export interface SpaceUse {
  readonly fileSystem: string;
  readonly mountPoint: string;
  readonly availableBytes: number;
  /** The most that is taken at any moment of the plan, beyond what is taken now. */
  readonly peakBytes: number;
  /** Taken in the end, beyond what is taken now; negative when the plan frees more than it adds. */
  readonly netBytes: number;
}

export interface Plan {
  readonly target: Version;
  readonly from: Version | undefined;
  readonly wayBack: WayBack;
  readonly steps: readonly Step[];
  readonly downloadBytes: number | undefined;
  readonly space: readonly SpaceUse[];
  /** What a person should know before agreeing: a slot given up, a way back not proven, an override in force. */
  readonly notices: readonly string[];
}

export type RefusalCode =
  | "nothing-newer"
  | "unknown-version"
  | "incomplete-release"
  | "withdrawn"
  | "on-trial"
  | "held"
  | "quarantined"
  | "way-back-unproven"
  | "way-back-would-be-lost"
  | "no-free-slot"
  | "no-space"
  | "pinned"
  | "obsolete"
  | "republished"
  | "no-boot-folder"
  | "read-only"
  | "below-floor";

export interface Refusal {
  readonly code: RefusalCode;
  /** "Cannot <verb> <thing>: <state>" */
  readonly message: string;
  readonly hint: string;
}

export type Planned =
  | { readonly kind: "plan"; readonly plan: Plan }
  | {
      readonly kind: "nothing-to-do";
      readonly version: Version | undefined;
      readonly why: string;
      readonly notices: readonly string[];
    }
  | { readonly kind: "refused"; readonly refusal: Refusal };
