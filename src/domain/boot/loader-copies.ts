// Which copy of the boot loader is replaced now: one in a boot, and never the only one that starts (P8). Pure.
import { compareVersions } from "../version-order.ts";

export interface LoaderCopy {
  /** `named` has an entry of its own in the firmware's list; `fallback` is what firmware without one starts. */
  readonly kind: "named" | "fallback";
  readonly path: string;
  /** One of systemd-boot's with its version, or another's, which is left alone. */
  readonly holds:
    | { readonly kind: "nothing" }
    /** No program at all: what a power cut in the middle of its replacement left. It starts nothing. */
    | { readonly kind: "broken" }
    | { readonly kind: "systemd-boot"; readonly version: string; readonly sha256: string; readonly signed: boolean }
    | { readonly kind: "foreign" }
    | { readonly kind: "unreadable"; readonly why: string };
  /** The firmware's list has an active entry for it. */
  readonly listed: boolean;
}

export interface LoaderSource {
  readonly version: string;
  readonly sha256: string;
  readonly signed: boolean;
  /** Why Secure Boot would not let it start; absent where it would, or where nobody asks (P12). */
  readonly refused?: string;
}

export interface CopyPlan {
  readonly copy: LoaderCopy;
  readonly state: "current" | "update" | "waits" | "left-alone";
  readonly because: string;
}

function leftAlone(copy: LoaderCopy, source: LoaderSource): string | undefined {
  const { holds } = copy;
  if (holds.kind === "foreign") return "it is not systemd-boot";
  if (holds.kind === "unreadable") return holds.why;
  if (source.refused !== undefined) return `Secure Boot would not let the one of this release start: ${source.refused}`;
  if (holds.kind !== "systemd-boot") return undefined;
  if (holds.signed && !source.signed) return "it is signed, and the one of this release is not";
  const order = compareVersions(source.version, holds.version);
  if (order > 0) return undefined;
  return order < 0
    ? `it is newer (${holds.version})`
    : `it has the version of this release (${source.version}) already`;
}

function isCurrent({ holds }: LoaderCopy, source: LoaderSource): boolean {
  return holds.kind === "systemd-boot" && holds.sha256 === source.sha256;
}

/** Whether the machine starts while `copy` is away for a moment, or after a power cut in between. */
function otherStarts(copy: LoaderCopy, copies: readonly LoaderCopy[]): boolean {
  const other = copies.find(({ kind }) => kind !== copy.kind);
  if (other?.holds.kind !== "systemd-boot") return false;
  // Firmware starts the fallback path of a disk by itself; the named one only from its list.
  return other.kind === "fallback" || other.listed;
}

/**
 * The named copy first. What comes second waits for a later boot, in which the first has been read back and the machine
 * has come up with it in place.
 */
export function planLoaderCopies(source: LoaderSource, copies: readonly LoaderCopy[]): readonly CopyPlan[] {
  let busy = false;
  return [...copies]
    .sort((a, b) => (a.kind === b.kind ? 0 : a.kind === "named" ? -1 : 1))
    .map((copy): CopyPlan => {
      if (isCurrent(copy, source)) return { copy, state: "current", because: `it is ${source.version}` };
      const why = leftAlone(copy, source);
      if (why !== undefined) return { copy, state: "left-alone", because: why };
      if (busy)
        return {
          copy,
          state: "waits",
          because: "another copy was replaced in this boot; this one follows in the next",
        };
      if (copy.holds.kind === "systemd-boot" && !otherStarts(copy, copies))
        return {
          copy,
          state: "left-alone",
          because: "no other copy would start if the power went in between: the firmware's list has no entry for one",
        };
      busy = true;
      const from =
        copy.holds.kind === "systemd-boot" ? `${copy.holds.version} becomes ${source.version}` : source.version;
      return { copy, state: "update", because: from };
    });
}
