// Boot counting by rename, as systemd-boot and systemd-bless-boot do it (interfaces D.8): the width of the counters
// never changes, so on FAT a counted name takes exactly the directory slots of the name before.
import type { EntryTries } from "../format/entry-name.ts";
import type { BootEntry } from "./boot-graph.ts";

/** No tries left: the loader puts it last and passes it over where it can. */
export function isBad(entry: BootEntry): boolean {
  return entry.tries?.left === 0;
}

/** Counted with tries left: not yet judged. */
export function isOnTrial(entry: BootEntry): boolean {
  return entry.tries !== undefined && entry.tries.left > 0;
}

function writeCount(value: number, width: number): string {
  return String(Math.min(value, 10 ** Math.min(width, 9) - 1)).padStart(width, "0");
}

/** The file name that `entry` has with these counters. */
export function countedName(entry: BootEntry, tries: EntryTries): string {
  const dot = entry.id.lastIndexOf(".");
  const done = tries.doneWidth === undefined ? "" : `-${writeCount(tries.done, tries.doneWidth)}`;
  return `${entry.id.slice(0, dot)}+${writeCount(tries.left, tries.leftWidth)}${done}${entry.id.slice(dot)}`;
}

/** The name of a blessed entry: no counter. */
export function goodEntryName(entry: BootEntry): string {
  return entry.id;
}

/** The name of an entry that was given up: no tries left, the tries done as they are. */
export function badEntryName(entry: BootEntry): string {
  return countedName(entry, { ...(entry.tries ?? { done: 0, leftWidth: 1, doneWidth: 1 }), left: 0 });
}

function renamed(entry: BootEntry, fileName: string, tries: EntryTries | undefined): BootEntry {
  return { ...entry, fileName, path: entry.path.slice(0, entry.path.lastIndexOf("/") + 1) + fileName, tries };
}

/** `entry` as it is called after it was blessed. */
export function withoutCounter(entry: BootEntry): BootEntry {
  return renamed(entry, goodEntryName(entry), undefined);
}

/** `entry` with `left` tries and the widths it has; an entry without a counter stays as it is. */
export function withTriesLeft(entry: BootEntry, left: number): BootEntry {
  if (entry.tries === undefined) return entry;
  const tries = { ...entry.tries, left };
  return renamed(entry, countedName(entry, tries), tries);
}

/** `entry` after the loader has counted one boot of it; an entry without a counter stays as it is. */
export function countDown(entry: BootEntry): BootEntry {
  if (entry.tries === undefined) return entry;
  const doneWidth = entry.tries.doneWidth ?? 1;
  const tries: EntryTries = {
    left: Math.max(0, entry.tries.left - 1),
    done: Math.min(entry.tries.done + 1, 10 ** Math.min(doneWidth, 9) - 1),
    leftWidth: entry.tries.leftWidth,
    doneWidth,
  };
  return renamed(entry, countedName(entry, tries), tries);
}
