// Two names of one entry: what an interrupted rename leaves on FAT. Those that cannot boot go when another can
// (disk model; doctor --repair).
import { type BootEntry, type BootGraph, isComplete } from "./boot-graph.ts";

/** Entries of ours that are to go so that each has one name. Only for a volume that has been checked. */
export function surplusNames({ nodes }: BootGraph): readonly BootEntry[] {
  const ours = nodes.filter(({ version }) => version !== undefined);
  const names = Map.groupBy(ours, ({ entry }) => `${entry.where} ${entry.type} ${entry.id.toLowerCase()}`);
  return [...names.values()]
    .filter((twins) => twins.some(isComplete))
    .flatMap((twins) => twins.filter((node) => !isComplete(node)))
    .map(({ entry }) => entry);
}
