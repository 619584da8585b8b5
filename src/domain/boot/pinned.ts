// Choices in variables that pin an entry which is no good: the loader starts it all the same (P8, D.8). Pure.
import { type BootGraph, isComplete } from "../boot-graph.ts";
import { isBad } from "../entry-count.ts";
import { type LoaderState, predict } from "../loader.ts";

export interface PinnedBad {
  readonly variable: "LoaderEntryOneShot" | "LoaderEntryDefault";
  readonly fileName: string;
}

/** Entries of others are theirs to choose (P11). */
export function pinnedBad(loader: LoaderState, graph: BootGraph): readonly PinnedBad[] {
  const chosen = (choices: LoaderState["choices"], because: string): string | undefined => {
    const found = predict({ ...loader, config: {}, choices });
    const node = graph.nodes.find(({ entry }) => entry.path === found.next?.path);
    const isPinned = found.because === because && node?.version !== undefined;
    return isPinned && (isBad(node.entry) || !isComplete(node)) ? node.entry.fileName : undefined;
  };
  const { oneShot, default: standard, lastBooted } = loader.choices;
  const once = chosen({ oneShot }, "one-shot");
  const always = chosen({ default: standard, lastBooted }, "default-variable");
  return [
    ...(once === undefined ? [] : [{ variable: "LoaderEntryOneShot" as const, fileName: once }]),
    ...(always === undefined ? [] : [{ variable: "LoaderEntryDefault" as const, fileName: always }]),
  ];
}
