// Boot counting by rename of whole entries, as systemd-boot and systemd-bless-boot do it (interfaces D.8).
import { countDown as countNameDown, type EntryName, type EntryTries, formatEntryName } from "../format/entry-name.ts";
import type { BootEntry } from "./boot-graph.ts";

/** No tries left: the loader puts it last and passes it over where it can. */
export function isBad(entry: BootEntry): boolean {
  return entry.tries?.left === 0;
}

/** Counted with tries left: not yet judged. */
export function isOnTrial(entry: BootEntry): boolean {
  return entry.tries !== undefined && entry.tries.left > 0;
}

function nameWith(entry: BootEntry, tries: EntryTries | undefined): EntryName {
  const dot = entry.id.lastIndexOf(".");
  const suffix = entry.type === 2 ? ".efi" : ".conf";
  return { id: entry.id, stem: entry.id.slice(0, dot), suffix, ...(tries === undefined ? {} : { tries }) };
}

function renamed(entry: BootEntry, name: EntryName): BootEntry {
  const fileName = formatEntryName(name);
  const path = entry.path.slice(0, entry.path.lastIndexOf("/") + 1) + fileName;
  return { ...entry, fileName, path, tries: name.tries };
}

/** `entry` as it is called after it was blessed. */
export function withoutCounter(entry: BootEntry): BootEntry {
  return renamed(entry, nameWith(entry, undefined));
}

/** `entry` with `left` tries and the widths it has; an entry without a counter stays as it is. */
export function withTriesLeft(entry: BootEntry, left: number): BootEntry {
  return entry.tries === undefined ? entry : renamed(entry, nameWith(entry, { ...entry.tries, left }));
}

/** `entry` after the loader has counted one boot of it; an entry without a counter stays as it is. */
export function countDown(entry: BootEntry): BootEntry {
  return entry.tries === undefined ? entry : renamed(entry, countNameDown(nameWith(entry, entry.tries)));
}
