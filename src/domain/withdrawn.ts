// Versions that their publisher has taken back: what was never found good here is left for what was (P8). Pure.
import type { Version } from "../base/ids.ts";
import { isComplete } from "./boot-graph.ts";
import { predict } from "./loader.ts";
import type { Situation } from "./situation.ts";
import { newestFirst } from "./version-order.ts";

export interface Retreat {
  readonly from: Version;
  readonly to: Version;
}

/** Installed versions that were taken back, newest first. */
export function withdrawnHere({ catalog, inventory }: Situation): readonly Version[] {
  const installed = new Set(inventory.instances.map(({ version }) => version));
  return [...(catalog?.withdrawn ?? [])].filter((version) => installed.has(version)).sort(newestFirst);
}

/**
 * What boots next was taken back and still has its boots counted: the newest version to go back to that was found good
 * and was not taken back itself. `undefined`: nothing is to be left, or there is nothing to go to. A version that was
 * found good here stays, for its publisher cannot know that.
 */
export function retreatOf(situation: Situation): Retreat | undefined {
  const { catalog, graph, loader } = situation;
  const isWithdrawn = (version: Version | undefined): boolean =>
    version !== undefined && catalog?.withdrawn.has(version) === true;
  if (loader.otherLoader !== undefined) return undefined;
  const next = predict(loader).next;
  const node = graph.nodes.find(({ entry }) => entry.path === next?.path);
  const from = node?.version;
  if (from === undefined || node?.entry.tries === undefined || !isWithdrawn(from)) return undefined;
  const good = graph.nodes.flatMap((item) =>
    item.version !== undefined && item.entry.tries === undefined && isComplete(item) && !isWithdrawn(item.version)
      ? [item.version]
      : [],
  );
  const to = good.sort(newestFirst)[0];
  return to === undefined ? undefined : { from, to };
}
