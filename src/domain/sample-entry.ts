// Boot entries for tests, made from nothing but a file name.
import type { BootEntry } from "./boot-graph.ts";

const counter = /^(?<stem>.*)\+(?<left>\d+)(?:-(?<done>\d+))?(?<suffix>\.efi|\.conf)$/;

/** An intact entry called `fileName` on the ESP: a UKI for `.efi`, a type 1 entry for `.conf`. */
export function sampleEntry(fileName: string, changes: Partial<BootEntry> = {}): BootEntry {
  const groups = counter.exec(fileName)?.groups;
  const { stem = "", left = "", done, suffix = "" } = groups ?? {};
  const type = fileName.endsWith(".conf") ? 1 : 2;
  return {
    id: groups === undefined ? fileName : stem + suffix,
    path: `${type === 1 ? "/efi/loader/entries" : "/efi/EFI/Linux"}/${fileName}`,
    fileName,
    where: "esp",
    type,
    tries:
      groups === undefined
        ? undefined
        : { left: Number(left), done: Number(done ?? 0), leftWidth: left.length, doneWidth: done?.length },
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
