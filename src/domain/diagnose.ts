// From what was observed to findings: the audit behind doctor, status and every update (P1, P3, P5, P8, P11).
import type { Version } from "../base/ids.ts";
import type { BootGraph, GraphNode, Need } from "./boot-graph.ts";
import { isComplete } from "./boot-graph.ts";
import { isBad, isOnTrial } from "./entry-count.ts";
import { type Finding, finding } from "./findings.ts";
import type { JudgedInstance } from "./graph.ts";
import { afterAllTries, type LoaderReason, type LoaderState, predict } from "./loader.ts";
import { describePlace, type Leftover, samePlace, type Trust } from "./resource.ts";
import { type Surroundings, whyNowhere } from "./surroundings.ts";
import { newestFirst } from "./version-order.ts";

export interface FileSystemFacts {
  /** As in Instance.fileSystem. */
  readonly id: string;
  readonly mountPoint: string;
  readonly holds: "boot" | "system";
  readonly availableBytes: number;
  readonly readOnly: boolean;
  /** What the volume's flags and fsck.fat say against it; empty when clean or not known. */
  readonly complaints: readonly string[];
}

export interface DiagnosisFacts {
  readonly graph: BootGraph;
  readonly loader: LoaderState;
  /** Whether the definitions have an entry at all; a component has none. */
  readonly hasEntries: boolean;
  readonly surroundings?: Surroundings | undefined;
  readonly running: { readonly version: Version | undefined; readonly because: string };
  readonly instances: readonly JudgedInstance[];
  readonly trust: ReadonlyMap<Version, Trust>;
  readonly quarantined: ReadonlySet<Version>;
  readonly leftovers: readonly Leftover[];
  readonly fileSystems: readonly FileSystemFacts[];
  readonly republished: readonly Version[];
  /** Installed versions that their publisher has taken back. */
  readonly withdrawn?: readonly Version[];
  /** What fsck.fat recovered on a FAT volume, and nothing says that it was ours. */
  readonly recovered: readonly string[];
  /** Why it cannot be told what Secure Boot would take. */
  readonly secureBootUnreadable?: string | undefined;
  /** Paths of entries that are no PE files. */
  readonly notPe: readonly string[];
}

const reasons: Readonly<Record<LoaderReason, string>> = {
  "one-shot": "chosen for one boot in the variable LoaderEntryOneShot",
  sysfail: "chosen for a failure of the firmware in the variable LoaderEntrySysFail",
  "preferred-variable": "preferred in the variable LoaderEntryPreferred",
  "preferred-config": "preferred in loader.conf",
  "default-variable": "default in the variable LoaderEntryDefault",
  "default-config": "default in loader.conf",
  order: "first in the order of the menu",
  nothing: "there is no entry",
};

function ownNodes({ graph }: DiagnosisFacts): readonly GraphNode[] {
  return graph.nodes.filter(({ version }) => version !== undefined);
}

function ofNeed(node: GraphNode, need: Need): readonly Finding[] {
  const { fileName } = node.entry;
  if (need.soundness === "missing") return [finding("entry-without-image", fileName, need.what)];
  if (need.soundness !== "damaged") return [];
  return need.role === "entry"
    ? [finding("entry-damaged", fileName, "its bytes are not those that were installed")]
    : [finding("image-damaged", need.what, `${fileName} needs it`)];
}

function ofNode(node: GraphNode, quarantined: ReadonlySet<Version>): readonly Finding[] {
  const { entry, version, needs } = node;
  if (version === undefined) return [finding("foreign-entry", entry.fileName)];
  const { loadable } = entry;
  return [
    ...(loadable.kind === "ignored" ? [finding("entry-ignored-by-loader", entry.fileName, loadable.why)] : []),
    ...(loadable.kind === "fails" ? [finding("entry-damaged", entry.fileName, loadable.why)] : []),
    ...(loadable.kind === "refused" ? [finding("refused-by-firmware", entry.fileName, loadable.why)] : []),
    ...needs.flatMap((need) => ofNeed(node, need)),
    // Of a version that is passed over for a known reason the lack of tries is the means, not news.
    ...(isBad(entry) && !quarantined.has(version) ? [finding("counters-exhausted", entry.fileName)] : []),
  ];
}

/** Two names of one entry: what an interrupted rename on FAT leaves (disk model). */
function ofNames({ graph }: DiagnosisFacts): readonly Finding[] {
  const names = Map.groupBy(graph.nodes, ({ entry }) => `${entry.where} ${entry.type} ${entry.id.toLowerCase()}`);
  return [...names.values()].flatMap((nodes) => {
    const id = nodes[0]?.entry.id ?? "";
    const list = nodes.map(({ entry }) => entry.fileName).join(", ");
    return nodes.length > 1 ? [finding("two-names-of-one-entry", id, list)] : [];
  });
}

/** What the loader will do, held against what it should. */
function ofLoader(facts: DiagnosisFacts): readonly Finding[] {
  const { menu, next, because } = predict(facts.loader);
  const nowhere = facts.hasEntries ? whyNowhere(facts.surroundings, facts.loader.otherLoader) : undefined;
  if (nowhere !== undefined) return [nowhere];
  if (next === undefined) return [];
  if (menu.every(isBad)) return [finding("all-entries-bad", next.fileName)];
  const isDefault = because === "default-variable" || because === "default-config";
  const nextNode = facts.graph.nodes.find(({ entry }) => entry.path === next.path);
  const sound = nextNode === undefined || isComplete(nextNode);
  if (isDefault && (isBad(next) || !sound)) return [finding("default-pins-bad-entry", next.fileName, reasons[because])];
  if (because !== "order" && next !== menu[0]) return [finding("override-in-force", next.fileName, reasons[because])];
  const [newest] = ownNodes(facts)
    .filter((node) => isComplete(node) && !isBad(node.entry) && !facts.quarantined.has(node.version as Version))
    .sort((a, b) => newestFirst(a.version ?? "", b.version ?? ""));
  // Where what boots next is broken, that has a finding of its own, and mending it is the remedy.
  const other = sound && newest?.version !== undefined && newest.version !== nextNode?.version;
  return other && newest.version !== undefined ? [finding("not-next", newest.version, `${next.fileName} does`)] : [];
}

/** Whether something of ours is there to fall back to from what boots next. */
function ofWayBack(facts: DiagnosisFacts): readonly Finding[] {
  const { next } = predict(facts.loader);
  if (!facts.hasEntries || next === undefined) return [];
  const nextVersion = facts.graph.nodes.find(({ entry }) => entry.path === next.path)?.version;
  const others = ownNodes(facts).filter(
    (node) => node.version !== nextVersion && isComplete(node) && !isBad(node.entry),
  );
  if (others.length === 0) return [finding("way-back-missing", next.fileName)];
  const last = isOnTrial(next) ? afterAllTries(facts.loader, next) : undefined;
  return last !== undefined && last.id !== next.id && isOnTrial(last)
    ? [finding("way-back-counted", last.fileName)]
    : [];
}

/** Damage and incompleteness of what no entry speaks for. */
function ofInstances(facts: DiagnosisFacts): readonly Finding[] {
  const needed = facts.graph.nodes.flatMap(({ needs }) => needs.flatMap(({ place }) => place ?? []));
  const unspoken = facts.instances.filter(({ instance }) => !needed.some((place) => samePlace(place, instance.place)));
  const damaged = unspoken.filter(({ soundness }) => soundness === "damaged");
  const withEntry = new Set(facts.graph.nodes.map(({ version }) => version));
  const installed = new Set(facts.instances.map(({ instance }) => instance.version));
  const alone = facts.hasEntries ? [...installed].filter((version) => !withEntry.has(version)).sort(newestFirst) : [];
  return [
    ...damaged.map(({ instance }) => finding("image-damaged", describePlace(instance.place))),
    ...alone.map((version) => finding("version-without-entry", version)),
  ];
}

/** The largest thing on a file system is what the next version will need there. */
function ofFileSystem(
  facts: DiagnosisFacts,
  { id, mountPoint, holds, availableBytes, readOnly, complaints }: FileSystemFacts,
): readonly Finding[] {
  const sizes = facts.instances.filter(({ instance }) => instance.fileSystem === id && instance.place.kind === "file");
  const largest = Math.max(0, ...sizes.map(({ instance }) => instance.sizeBytes));
  const room = `${availableBytes} bytes are free, the largest file there has ${largest}`;
  const full = holds === "boot" ? "esp-almost-full" : "system-almost-full";
  return [
    ...(complaints.length > 0 ? [finding("esp-dirty", mountPoint, complaints.join("; "))] : []),
    ...(readOnly && holds === "boot" ? [finding("esp-read-only", mountPoint)] : []),
    ...(availableBytes < largest ? [finding(full, mountPoint, room)] : []),
  ];
}

function ofTrust(facts: DiagnosisFacts): readonly Finding[] {
  const unknown = facts.instances.filter(({ soundness }) => soundness === "unknown");
  const unvouched = [...new Set(unknown.map(({ instance }) => instance.version))].sort(newestFirst);
  return [...unvouched.map((version) => finding("unvouched", version)), ...trustFindings(facts)];
}

function trustFindings(facts: DiagnosisFacts): readonly Finding[] {
  return [...facts.trust].flatMap(([version, trust]) => (trust === "proven" ? [] : [finding(trust, version)]));
}

/** All findings, the loader's view first; each is there once for each subject. */
export function diagnose(facts: DiagnosisFacts): readonly Finding[] {
  const found = [
    ...ofLoader(facts),
    ...facts.graph.nodes.flatMap((node) => ofNode(node, facts.quarantined)),
    ...ofNames(facts),
    ...ofWayBack(facts),
    ...ofInstances(facts),
    ...facts.fileSystems.flatMap((fileSystem) => ofFileSystem(facts, fileSystem)),
    ...facts.notPe.map((path) => finding("not-a-pe-file", path)),
    ...facts.leftovers.map(({ place, by }) =>
      finding("left-over", describePlace(place), `by ${by === "sysupdate" ? "systemd-sysupdate" : "Holdfast"}`),
    ),
    ...facts.recovered.map((path) => finding("recovered-file", path)),
    ...facts.republished.map((version) => finding("republished", version)),
    ...(facts.withdrawn ?? []).map((version) => finding("withdrawn", version)),
    ...ofTrust(facts),
    ...(facts.secureBootUnreadable === undefined
      ? []
      : [finding("secure-boot-unreadable", "", facts.secureBootUnreadable)]),
    ...(facts.running.version === undefined ? [finding("unknown-running-version", "", facts.running.because)] : []),
  ];
  return [...new Map(found.map((each) => [`${each.code} ${each.sentence}`, each])).values()];
}
