// Whether a boot was really marked good, by what is on the ESP and by nothing else (P8). Pure.
import type { BootEntry } from "../boot-graph.ts";

export type Blessing =
  /** The entry that was booted carries no counter. */
  | { readonly kind: "blessed"; readonly entry: BootEntry }
  /** It still carries one, or a second name that does. */
  | { readonly kind: "still-counted"; readonly entry: BootEntry }
  | { readonly kind: "gone"; readonly entryId: string }
  /** Nothing says which entry was booted. */
  | { readonly kind: "unknown-entry" };

/** `entryId`: of the entry that was booted, without counter. */
export function judgeBlessing(entryId: string | undefined, entries: readonly BootEntry[]): Blessing {
  if (entryId === undefined) return { kind: "unknown-entry" };
  const own = entries.filter(({ id }) => id.toLowerCase() === entryId.toLowerCase());
  const counted = own.find(({ tries }) => tries !== undefined);
  if (counted !== undefined) return { kind: "still-counted", entry: counted };
  const [entry] = own;
  return entry === undefined ? { kind: "gone", entryId } : { kind: "blessed", entry };
}

/**
 * What a counted entry is called when the try of this boot is given back; undefined when there is none to give back. The
 * number of tries done stays: with the name of before, a power cut that leaves both names would leave the loader one to
 * count to that is taken, and it would start the entry for ever. Where the number is at its largest it begins anew.
 */
export function givenBack({ tries, id }: BootEntry): string | undefined {
  if (tries === undefined || tries.done === 0) return undefined;
  const left = String(tries.left + 1);
  // Another length would take another number of slots on FAT (D.8), and the loader never makes such a name.
  if (left.length > tries.leftWidth) return undefined;
  const dot = id.lastIndexOf(".");
  const width = tries.doneWidth ?? 1;
  const done = String(tries.done >= 10 ** width - 1 ? 0 : tries.done).padStart(width, "0");
  return `${id.slice(0, dot)}+${left.padStart(tries.leftWidth, "0")}-${done}${id.slice(dot)}`;
}

/**
 * Whether a counted boot that was found bad starts the machine again. With tries left, or with another entry that is not
 * marked bad, the loader goes on to something else in the end; where everything is marked bad, this is the last resort,
 * and a machine that runs badly is of more use than one that starts for ever.
 */
export function startsAgain(booted: BootEntry | undefined, entries: readonly BootEntry[]): boolean {
  if (booted === undefined || booted.tries === undefined) return false;
  if (booted.tries.left > 0) return true;
  return entries.some(
    (entry) =>
      entry.id !== booted.id && entry.loadable.kind === "yes" && (entry.tries === undefined || entry.tries.left > 0),
  );
}
