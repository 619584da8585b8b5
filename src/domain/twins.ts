// Two names of one entry: what an interrupted rename leaves on FAT. One of them stays (disk model; doctor --repair).
import { type BootEntry, type BootGraph, type GraphNode, isComplete } from "./boot-graph.ts";

/** Whole ones first; then no counter before one, and the lower counter before the higher: it is the later name. */
function worth(a: GraphNode, b: GraphNode): number {
  const left = ({ entry }: GraphNode): number => entry.tries?.left ?? -1;
  return Number(isComplete(b)) - Number(isComplete(a)) || left(a) - left(b);
}

/** Entries of ours that are to go so that each has one name. Only for a volume that has been checked. */
export function surplusNames({ nodes }: BootGraph): readonly BootEntry[] {
  const ours = nodes.filter(({ version }) => version !== undefined);
  const names = Map.groupBy(ours, ({ entry }) => `${entry.where} ${entry.type} ${entry.id.toLowerCase()}`);
  return [...names.values()].flatMap((twins) => [...twins].sort(worth).slice(1)).map(({ entry }) => entry);
}
