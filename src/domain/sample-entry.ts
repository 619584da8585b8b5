// Boot entries for tests, made from nothing but a file name.
import { parseEntryName } from "../format/entry-name.ts";
import type { BootEntry } from "./boot-graph.ts";

/** An intact entry called `fileName` on the ESP: a UKI for `.efi`, a type 1 entry for `.conf`. */
export function sampleEntry(fileName: string, changes: Partial<BootEntry> = {}): BootEntry {
  const name = parseEntryName(fileName);
  const type = fileName.endsWith(".conf") ? 1 : 2;
  return {
    id: name?.id ?? fileName,
    path: `${type === 1 ? "/efi/loader/entries" : "/efi/EFI/Linux"}/${fileName}`,
    fileName,
    where: "esp",
    type,
    tries: name?.tries,
    title: undefined,
    version: undefined,
    sortKey: undefined,
    machineId: undefined,
    loadable: { kind: "yes" },
    sizeBytes: 40_000_000,
    stamp: fileName,
    ...changes,
  };
}
