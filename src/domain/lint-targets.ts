// Proves that no name can belong to two transfers: such a file would be installed by one and removed by the other,
// or stand in for an image that never arrived (P1, P2).
import { Fault } from "../base/fault.ts";
import type { Transfer, TransferTarget } from "../format/definitions.ts";
import { overlap, type Pattern, type Piece } from "../format/pattern.ts";
import { bootFolder } from "./role.ts";

/** Whether instances of both may lie in one place: one disk and partition type, or file systems that may be one. */
function mayShare(a: TransferTarget, b: TransferTarget): boolean {
  if (a.type === "partition" || b.type === "partition") {
    return a.type === b.type && a.path === b.path && a.partitionType === b.partitionType;
  }
  if ((bootFolder(a) === undefined) !== (bootFolder(b) === undefined)) return false;
  const fixed = new Set([a.pathRelativeTo, b.pathRelativeTo]);
  return !(fixed.has("esp") && fixed.has("xbootldr"));
}

/** The pattern with its target's folder in front, so that `EFI` + `Linux/a_@v` and `EFI/Linux` + `a_@v` compare as one. */
function wholePath(target: TransferTarget, pattern: Pattern): Pattern {
  if (target.type === "partition") return pattern;
  const boot = bootFolder(target);
  const parts = (boot?.toLowerCase() ?? target.path).split("/").filter((part) => part !== "");
  const folder = parts.flatMap((text): readonly Piece[] => [{ kind: "literal", text }, { kind: "slash" }]);
  const fold = (piece: Piece): Piece =>
    boot !== undefined && piece.kind === "literal" ? { kind: "literal", text: piece.text.toLowerCase() } : piece;
  return { text: pattern.text, anyDepth: false, pieces: [...folder, ...pattern.pieces.map(fold)] };
}

export type Comparison =
  | { readonly kind: "disjoint" }
  /** A shortest name that both match. */
  | { readonly kind: "overlap"; readonly witness: string; readonly patterns: readonly [string, string] }
  | { readonly kind: "too-complex"; readonly patterns: readonly [string, string] };

/** Compares all target patterns of one transfer with all of another. */
export function compareTargets(a: Transfer, b: Transfer): Comparison {
  if (!mayShare(a.target, b.target)) return { kind: "disjoint" };
  for (const left of a.target.patterns) {
    for (const right of b.target.patterns) {
      const patterns = [left.text, right.text] as const;
      try {
        const witness = overlap(wholePath(a.target, left), wholePath(b.target, right));
        if (witness !== undefined) return { kind: "overlap", witness, patterns };
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        return { kind: "too-complex", patterns };
      }
    }
  }
  return { kind: "disjoint" };
}

/**
 * A name of `b` that begins with a name of `a`: systemd-sysupdate before 260.2 and 261 took it for one of `a`, which is
 * how `os_5.erofs.caibx` became `os_5.erofs` in March 2026. Tails made of the characters of versions are looked for.
 */
export function prefixWitness(a: readonly Pattern[], b: readonly Pattern[]): string | undefined {
  for (const shorter of a) {
    if (shorter.pieces.at(-1)?.kind === "field") continue;
    const longer: Pattern = { ...shorter, pieces: [...shorter.pieces, { kind: "field", field: "v" }] };
    for (const other of b) {
      // Any name may begin with any other when a version is made up for it; what counts is one pattern before the other.
      if (other.text === shorter.text || !other.text.startsWith(shorter.text)) continue;
      try {
        const witness = overlap(longer, other);
        if (witness !== undefined) return witness;
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
      }
    }
  }
  return undefined;
}
