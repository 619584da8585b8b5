// The way back of an update (P3, P4): the entry that the loader starts once the new one has no tries left.
import type { Version } from "../base/ids.ts";
import { type BootEntry, type GraphNode, isComplete } from "./boot-graph.ts";
import { type LoaderState, predict } from "./loader.ts";
import { isWhole, nodeOf, type Situation } from "./situation.ts";
import type { WayBack } from "./plan.ts";
import { compareVersions } from "./version-order.ts";

/** The way back, and the entries before it that must go because the loader would waste boots on them. */
export interface WayBackSearch {
  readonly wayBack: WayBack;
  /** Broken entries of ours, and untested ones without a verdict, that the loader would try before it. */
  readonly inTheWay: readonly GraphNode[];
  /** It carries a counter: it may itself be given up. */
  readonly counted: boolean;
}

/** What the loader would start, one after the other, if each in turn were gone: the order of falling back. */
function fallBackOrder(situation: Situation, target: Version): readonly GraphNode[] {
  const own = new Set(situation.graph.nodes.filter((node) => node.version === target).map((node) => node.entry.path));
  let entries: readonly BootEntry[] = situation.loader.entries.filter((entry) => !own.has(entry.path));
  const order: GraphNode[] = [];
  // A one-shot choice is used up by the first boot, long before anything falls back.
  const base: LoaderState = { ...situation.loader, choices: { ...situation.loader.choices, oneShot: undefined } };
  while (entries.length > 0) {
    const next = predict({ ...base, entries }).next;
    if (next === undefined) break;
    const node = nodeOf(situation.graph, next);
    if (node !== undefined) order.push(node);
    entries = entries.filter((entry) => entry !== next);
  }
  return order;
}

/** Without boot entries (a component), the way back is the version in use, or the newest whole one. */
function withoutEntries(situation: Situation, target: Version): WayBackSearch {
  const failed = (version: Version): number => (situation.quarantine.has(version) ? 1 : 0);
  const versions = [...new Set(situation.inventory.instances.map((instance) => instance.version))]
    .filter((version) => version !== target && isWhole(situation, version))
    // One that was gone back from is better than nothing, and no better than that.
    .sort((a, b) => failed(a) - failed(b) || compareVersions(b, a));
  const linked = new Set(situation.linked.values());
  const inUse =
    versions.find((version) => linked.has(version)) ??
    versions.find((version) => version === situation.running.version);
  const version = inUse ?? versions[0];
  if (version === undefined)
    return { wayBack: { kind: "none", why: "no other version is installed" }, inTheWay: [], counted: false };
  return { wayBack: { kind: "version", version, entry: undefined }, inTheWay: [], counted: false };
}

/**
 * Finds the way back of an update to `target`. Entries of other systems are passed over: they are not ours to judge.
 * An entry without a counter is preferred; a counted one is taken only where there is no other.
 */
export function findWayBack(situation: Situation, target: Version, hasEntries: boolean): WayBackSearch {
  if (!hasEntries) return withoutEntries(situation, target);
  const ours = fallBackOrder(situation, target).filter((node) => node.version !== undefined);
  const complete = ours.filter(isComplete);
  const plain = complete.find((node) => node.entry.tries === undefined);
  // One without tries left is no way back: among entries that are all bad the loader starts the newest (boot-lab).
  const chosen = plain ?? complete.find((node) => node.entry.tries?.left !== 0);
  if (chosen?.version === undefined) {
    const why = ours.some(({ entry }) => entry.loadable.kind === "refused")
      ? "Secure Boot lets nothing else start that is installed"
      : complete.length === 0
        ? "nothing else that could boot is installed"
        : "every other entry has used up its tries";
    return { wayBack: { kind: "none", why }, inTheWay: ours.filter((node) => !isComplete(node)), counted: false };
  }
  const before = ours.slice(0, ours.indexOf(chosen));
  return {
    wayBack: { kind: "version", version: chosen.version, entry: chosen.entry },
    inTheWay: before.filter((node) => !isComplete(node) || plain !== undefined),
    counted: plain === undefined,
  };
}

function mendable({ loadable }: BootEntry): BootEntry["loadable"] {
  return loadable.kind === "refused" ? { kind: "yes" } : loadable;
}

/**
 * The running version when it is damaged and the loader would fall back to it all the same: what has no counter is
 * started for ever. It has to be proven like any way back, which leads to its repair or to a refusal (P4).
 */
export function damagedRunning(situation: Situation, { inTheWay }: WayBackSearch): WayBack | undefined {
  const { version } = situation.running;
  // One that the firmware refuses to start is damaged in nothing, and no repair would mend it.
  const node = inTheWay.find(
    ({ version: of, entry, needs }) =>
      of === version &&
      !isComplete({ entry: { ...entry, loadable: mendable(entry) }, version: of, needs }) &&
      entry.tries === undefined,
  );
  return version === undefined || node === undefined ? undefined : { kind: "version", version, entry: node.entry };
}
