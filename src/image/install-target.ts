// May `image install` write on this disk? Decided before a byte of it changes. What is on it stays unless a person said
// otherwise, and a disk in use is never written to.
import { Fault } from "../base/fault.ts";

export interface TargetFacts {
  /** As it was named. */
  readonly name: string;
  readonly kind: "disk" | "partition" | "file" | "new-file" | "other";
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  /** What uses it, in words: where it is mounted, what is built upon it. */
  readonly uses: readonly string[];
  /** What libblkid finds on it: `gpt`, `ext4`, `crypto_LUKS`. */
  readonly signatures: readonly string[];
  /** Its beginning and its end are zero, but for our own mark of an installation that was cut off. */
  readonly blank: boolean;
}

export type TargetFaultCode =
  | "no-such-disk"
  | "not-a-disk"
  | "read-only"
  | "disk-in-use"
  | "disk-not-empty"
  | "no-size"
  | "size-is-fixed";

export interface TargetWish {
  readonly wipe: boolean;
  /** For a file that is to be made. */
  readonly sizeBytes?: number;
}

function refuse(code: TargetFaultCode, state: string, hint: string, kind: "refused" | "usage"): never {
  throw new Fault<TargetFaultCode>(code, `Cannot install on ${state}`, { hint, kind });
}

/** Returns the size it has or gets; throws what forbids it. */
export function judgeTarget(facts: TargetFacts, wish: TargetWish): number {
  const { name, kind, sizeBytes, uses, signatures } = facts;
  if (kind === "other")
    refuse(
      "not-a-disk",
      `${name}: it is neither a disk nor a file`,
      "Name a disk such as /dev/sdb, or a file.",
      "usage",
    );
  if (kind === "partition")
    refuse(
      "not-a-disk",
      `${name}: it is a partition, and the table goes onto a whole disk`,
      "Name the disk it is on.",
      "usage",
    );
  if (facts.readOnly)
    refuse("read-only", `${name}: it is read-only`, "Choose another disk, or unlock this one.", "refused");
  if (uses.length > 0)
    refuse(
      "disk-in-use",
      `${name}: it is in use (${uses.join(", ")})`,
      "Unmount what is on it, or choose another disk.",
      "refused",
    );
  const size = sizeOf(facts, wish);
  if (wish.wipe || kind === "new-file" || sizeBytes === 0) return size;
  if (signatures.length > 0)
    refuse(
      "disk-not-empty",
      `${name}: it is not empty, it has ${signatures.join(", ")}`,
      "Everything on it would be lost. Say --wipe if that is what you want.",
      "refused",
    );
  if (!facts.blank)
    refuse(
      "disk-not-empty",
      `${name}: it is not empty, it begins or ends with data of an unknown kind`,
      "Everything on it would be lost. Say --wipe if that is what you want.",
      "refused",
    );
  return size;
}

function sizeOf({ name, kind, sizeBytes }: TargetFacts, wish: TargetWish): number {
  const makes = kind === "new-file" || (kind === "file" && sizeBytes === 0);
  if (makes && wish.sizeBytes === undefined)
    refuse(
      "no-size",
      `${name}: there is no such disk, and a new file needs a size`,
      "Give one, for example --size=16G.",
      "usage",
    );
  if (!makes && wish.sizeBytes !== undefined && wish.sizeBytes !== sizeBytes)
    refuse(
      "size-is-fixed",
      `${name}: it has ${sizeBytes} bytes, and --size says ${wish.sizeBytes}`,
      "Leave --size away: it is for files that are made.",
      "usage",
    );
  return wish.sizeBytes ?? sizeBytes;
}

/** Fills the sector in which the table's header will be: an installation that was cut off is known by it and may be begun anew. */
export const unfinishedMark = "Holdfast is installing a system here, and has not finished.\n";

/** Whether the first bytes of a disk are zero but for the mark, which lies in its second sector. */
export function isBlankStart(start: Uint8Array, sectorBytes: number): boolean {
  const marked = [...unfinishedMark].every((char, index) => start[sectorBytes + index] === char.charCodeAt(0));
  const end = sectorBytes + (marked ? unfinishedMark.length : 0);
  return start.every((byte, index) => byte === 0 || (index >= sectorBytes && index < end));
}
