// The boot graph: which entries the loader can see, what each needs, and whether that is present and intact (P1, P2, P5).
import type { Version } from "../base/ids.ts";
import type { EntryTries } from "../format/entry-name.ts";
import type { Place, Role } from "./resource.ts";

/** What systemd-boot does with the file of an entry (boot-lab: damage on the ESP). */
export type Loadable =
  | { readonly kind: "yes" }
  /** It is skipped without touching the counter: empty, or no PE header. */
  | { readonly kind: "ignored"; readonly why: string }
  /** It is listed and chosen, then the load fails. */
  | { readonly kind: "fails"; readonly why: string }
  /** The same, because Secure Boot does not let it start (P12): whole as it may be. */
  | { readonly kind: "refused"; readonly why: string };

/** A boot entry as the loader sees it. */
export interface BootEntry {
  /** File name without counter, with suffix; the loader's id. */
  readonly id: string;
  readonly path: string;
  readonly fileName: string;
  readonly where: "esp" | "xbootldr";
  readonly type: 1 | 2;
  readonly tries: EntryTries | undefined;
  readonly title: string | undefined;
  readonly version: string | undefined;
  readonly sortKey: string | undefined;
  readonly machineId: string | undefined;
  readonly loadable: Loadable;
  readonly sizeBytes: number;
  readonly stamp: string;
}

/** How far an instance can be trusted without reading it again. */
export type Soundness =
  /** Its digest was checked, and its stamp has not changed since. */
  | "verified"
  /** Its digest is known, but it has not been read since it changed. */
  | "unchecked"
  /** No digest is known for it. */
  | "unknown"
  | "damaged"
  | "missing";

/** One thing an entry cannot boot without. */
export interface Need {
  readonly transfer: string;
  readonly role: Role;
  readonly what: string;
  readonly place: Place | undefined;
  readonly soundness: Soundness;
}

/** An entry with what it needs. Foreign entries belong to no version of ours: shown and left alone (P11). */
export interface GraphNode {
  readonly entry: BootEntry;
  readonly version: Version | undefined;
  readonly needs: readonly Need[];
}

export interface BootGraph {
  readonly nodes: readonly GraphNode[];
}

export function isComplete(node: GraphNode): boolean {
  return (
    node.entry.loadable.kind === "yes" &&
    node.needs.every((need) => need.soundness !== "missing" && need.soundness !== "damaged")
  );
}

export function isVerified(node: GraphNode): boolean {
  return node.entry.loadable.kind === "yes" && node.needs.every((need) => need.soundness === "verified");
}
