// The promises P1 to P5 as predicates (DESIGN, "The promises"): audit, tests and simulator ask the same functions.
import type { Version } from "../base/ids.ts";
import { type BootGraph, type GraphNode, isVerified, type Need } from "./boot-graph.ts";
import { afterAllTries, type LoaderState, predict } from "./loader.ts";
import type { Plan, Removal, WayBack } from "./plan.ts";
import { describePlace, type Instance, type Place, samePlace } from "./resource.ts";

export interface Verdict {
  readonly promise: "P1" | "P2" | "P3" | "P4" | "P5" | "P12";
  readonly holds: boolean;
  /** What holds, or what breaks it, for a person. */
  readonly sentence: string;
}

function verdict(promise: Verdict["promise"], broken: string | undefined, kept: string): Verdict {
  return { promise, holds: broken === undefined, sentence: broken ?? kept };
}

function isLost({ soundness }: Need): boolean {
  return soundness === "missing" || soundness === "damaged";
}

function nodeOfPath({ nodes }: BootGraph, path: string | undefined): GraphNode | undefined {
  return nodes.find(({ entry }) => entry.path === path);
}

/** What `node` lacks to boot, in a clause; undefined when it is complete. */
export function whatItLacks({ entry, needs }: GraphNode): string | undefined {
  if (entry.loadable.kind === "refused") return `Secure Boot would not let it start: ${entry.loadable.why}`;
  if (entry.loadable.kind !== "yes") return entry.loadable.why;
  const lost = needs.find(isLost);
  return lost === undefined ? undefined : `${lost.what} is ${lost.soundness}`;
}

/** P1: every entry of ours that the loader can see has all it needs. What the loader ignores can mislead nobody. */
export function noEntryWithoutImage({ graph }: { readonly graph: BootGraph }): Verdict {
  // One that Secure Boot refuses has its image all the same (P12).
  const broken = graph.nodes.find(
    ({ entry, version, needs }) =>
      version !== undefined &&
      (entry.loadable.kind === "fails" || (entry.loadable.kind !== "ignored" && needs.some(isLost))),
  );
  const sentence = broken && `The entry ${broken.entry.fileName} cannot boot: ${whatItLacks(broken)}`;
  return verdict("P1", sentence, "Every boot entry has what it needs");
}

function needsPlace({ needs }: GraphNode, place: Place): boolean {
  return needs.some((need) => need.place !== undefined && samePlace(need.place, place));
}

function isEntryAt({ entry }: GraphNode, place: Place): boolean {
  return place.kind === "file" && place.path === entry.path;
}

/** P2: in the order of `removals`, nothing goes that an entry needs which is still there. `graph` is as before. */
export function nothingTakenFromUnder(facts: {
  readonly graph: BootGraph;
  readonly removals: readonly Removal[];
}): Verdict {
  let remaining = facts.graph.nodes;
  for (const { place } of facts.removals.flatMap((removal): readonly Instance[] => removal.instances)) {
    remaining = remaining.filter((node) => !isEntryAt(node, place));
    const victim = remaining.find((node) => needsPlace(node, place));
    if (victim !== undefined) {
      return verdict("P2", `${describePlace(place)} would be removed while ${victim.entry.fileName} needs it`, "");
    }
  }
  return verdict("P2", undefined, "Nothing is removed that a remaining entry needs");
}

interface Touch {
  readonly place: Place;
  readonly version: Version;
  readonly removed: boolean;
}

/** Places that the plan writes or removes, each with the version that it is for or of. */
function touched({ steps, target }: Plan): readonly Touch[] {
  return steps.flatMap((step): readonly Touch[] => {
    if (step.kind === "clear") {
      return step.removal.instances.map(({ place }) => ({ place, version: step.removal.version, removed: true }));
    }
    const writes = step.kind === "acquire" || step.kind === "install";
    return writes ? [{ place: step.destination.place, version: target, removed: false }] : [];
  });
}

/** P3: the plan neither removes nor overwrites what the way back, a pinned or the running version consists of. */
export function planKeepsWayBack(facts: {
  readonly graph: BootGraph;
  readonly plan: Plan;
  readonly pinned: readonly Version[];
  readonly running: Version | undefined;
}): Verdict {
  const { wayBack } = facts.plan;
  const kept = new Set([...facts.pinned, facts.running, wayBack.kind === "version" ? wayBack.version : undefined]);
  const keptNodes = facts.graph.nodes.filter(({ version }) => version !== undefined && kept.has(version));
  for (const { place, version, removed } of touched(facts.plan)) {
    const victim = keptNodes.find(
      (node) => node.version !== version && (isEntryAt(node, place) || needsPlace(node, place)),
    );
    if (victim !== undefined)
      return verdict("P3", `${describePlace(place)} belongs to version ${victim.version}, which is kept`, "");
    if (removed && kept.has(version))
      return verdict("P3", `Version ${version} is kept, and ${describePlace(place)} of it would be removed`, "");
  }
  return verdict("P3", undefined, "The way back and pinned versions are neither removed nor overwritten");
}

/** P3 as a state: what boots next falls back, once its tries are used up, to a complete entry that no counter can end. */
export function hasWayBack({ graph, loader }: { readonly graph: BootGraph; readonly loader: LoaderState }): Verdict {
  const { next } = predict(loader);
  const last = next && afterAllTries(loader, next);
  const node = nodeOfPath(graph, last?.path);
  const kept = `The way back is ${last?.fileName}`;
  if (last === undefined) return verdict("P3", "Nothing can boot", "");
  if (last.id === next?.id && last.tries !== undefined)
    return verdict("P3", `There is no way back from ${last.fileName}`, kept);
  if (last.tries !== undefined) return verdict("P3", `The way back ${last.fileName} is itself counted`, kept);
  const lacks = node && whatItLacks(node);
  return verdict("P3", lacks && `The way back ${last.fileName} cannot boot: ${lacks}`, kept);
}

/** P4: all of the way back was compared with its digests, and no counter can end it. `proven`: versions for which that is so. */
export function wayBackIsProven(facts: {
  readonly graph: BootGraph;
  readonly wayBack: WayBack;
  readonly proven: ReadonlySet<Version>;
}): Verdict {
  const { wayBack } = facts;
  if (wayBack.kind === "none") return verdict("P4", undefined, `No way back is needed: ${wayBack.why}`);
  const named = `The way back, version ${wayBack.version},`;
  const check = (): string | undefined => {
    if (!facts.proven.has(wayBack.version)) return `${named} has not been verified`;
    if (wayBack.entry === undefined) return undefined;
    const node = nodeOfPath(facts.graph, wayBack.entry.path);
    if (node === undefined) return `${named} has no entry called ${wayBack.entry.fileName}`;
    if (node.entry.tries !== undefined) return `${named} is counted and may be passed over`;
    const lacks = whatItLacks(node);
    return lacks && `${named} cannot boot: ${lacks}`;
  };
  return verdict("P4", check(), `${named} is intact`);
}

/** P5: `target` is verified and is what boots next. A version without an entry (a component) needs to be proven only. */
export function doneMeansBootableAndNext(facts: {
  readonly graph: BootGraph;
  readonly loader: LoaderState;
  readonly target: Version;
  readonly hasEntry: boolean;
  readonly proven: ReadonlySet<Version>;
}): Verdict {
  const { graph, target } = facts;
  const check = (): string | undefined => {
    if (!facts.proven.has(target)) return `Version ${target} has not been verified`;
    if (!facts.hasEntry) return undefined;
    const own = graph.nodes.filter(({ version }) => version === target);
    if (own.length === 0) return `Version ${target} has no boot entry`;
    const { next, because } = predict(facts.loader);
    const node = own.find(({ entry }) => entry.path === next?.path);
    if (node === undefined)
      return `Version ${target} is not what boots next, but ${next?.fileName ?? "nothing"} (${because})`;
    const lacks = whatItLacks(node);
    if (lacks !== undefined) return `Version ${target} cannot boot: ${lacks}`;
    return isVerified(node) ? undefined : `Not all that ${node.entry.fileName} needs has been verified`;
  };
  return verdict("P5", check(), `Version ${target} is intact${facts.hasEntry ? " and boots next" : ""}`);
}

/** P12: Secure Boot lets the entries of these versions start. Where it is off, or nothing is known of it, none is refused. */
export function firmwareWillTakeIt({
  graph,
  versions,
}: {
  readonly graph: BootGraph;
  readonly versions: readonly Version[];
}): Verdict {
  const refused = graph.nodes.find(
    ({ entry, version }) => version !== undefined && versions.includes(version) && entry.loadable.kind === "refused",
  );
  const sentence = refused && `Version ${refused.version} cannot boot: ${whatItLacks(refused)}`;
  return verdict("P12", sentence, "Secure Boot lets what was installed start, and what it falls back to");
}
