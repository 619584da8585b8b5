// Builds the boot graph: each entry, the version it belongs to, and what it cannot boot without (P1, P2; DESIGN "What
// an entry needs"). The definitions recorded at installation judge; today's only where nothing is recorded.
import type { Uuid, Version } from "../base/ids.ts";
import type { Transfer } from "../format/definitions.ts";
import { parseEntryName } from "../format/entry-name.ts";
import type { BootEntry, BootGraph, GraphNode, Need, Soundness } from "./boot-graph.ts";
import { describePlace, type Instance, type Place, type Role, samePlace } from "./resource.ts";
import { roleOf, versionOfEntry } from "./role.ts";
import { verityPartitions } from "./verity.ts";

/** An entry, and what its content says it loads. */
export interface ObservedEntry {
  readonly entry: BootEntry;
  /** `.cmdline` of a UKI, `options` of a type 1 entry. */
  readonly commandLine: string | undefined;
  /** What a type 1 entry names under linux, initrd, efi, uki, devicetree. */
  readonly files: readonly { readonly path: string; readonly present: boolean }[];
}

export interface JudgedInstance {
  readonly instance: Instance;
  readonly soundness: Soundness;
}

/** What was recorded when a version was installed (records.ts: a VersionRecord is one). */
export interface RecordedNeeds {
  readonly version: Version;
  /** Not all of the version is listed: the definitions tell what it needs. */
  readonly partial?: true;
  readonly resources: readonly { readonly transfer: string; readonly role: Role; readonly place: Place }[];
}

export interface GraphInput {
  readonly entries: readonly ObservedEntry[];
  /** Enabled ones, under today's definitions. */
  readonly transfers: readonly Transfer[];
  readonly instances: readonly JudgedInstance[];
  readonly records: readonly RecordedNeeds[];
  /** Recorded places that today's definitions do not list, and how sound what is there is. */
  readonly elsewhere?: readonly { readonly place: Place; readonly soundness: Soundness }[];
  /** All partitions of the machine by UUID; undefined when the tables could not be read. */
  readonly partitions: readonly { readonly uuid: Uuid; readonly place: Place }[] | undefined;
}

/** The path of an entry without its counter: what it is called through its whole life. */
function lastingPath(path: string): string {
  const slash = path.lastIndexOf("/") + 1;
  return path.slice(0, slash) + (parseEntryName(path.slice(slash))?.id ?? path.slice(slash));
}

function isEntryPlace(place: Place, entry: BootEntry): boolean {
  return place.kind === "file" && lastingPath(place.path).toLowerCase() === lastingPath(entry.path).toLowerCase();
}

function recordOf({ records }: GraphInput, entry: BootEntry): RecordedNeeds | undefined {
  return records.find(({ resources }) =>
    resources.some(({ role, place }) => role === "entry" && isEntryPlace(place, entry)),
  );
}

function soundnessAt(input: GraphInput, version: Version, place: Place): Soundness {
  const here = input.instances.find(({ instance }) => instance.version === version && samePlace(instance.place, place));
  return here?.soundness ?? input.elsewhere?.find((other) => samePlace(other.place, place))?.soundness ?? "missing";
}

/** The entry's own bytes: it cannot boot when they are damaged. */
function ownNeed({ instances }: GraphInput, entry: BootEntry, transfer: string): Need {
  const place: Place = { kind: "file", path: entry.path };
  const own = instances.find(({ instance }) => samePlace(instance.place, place));
  return { transfer, role: "entry", what: entry.path, place, soundness: own?.soundness ?? "unknown" };
}

function recordedNeeds(input: GraphInput, { version, resources }: RecordedNeeds): readonly Need[] {
  return resources
    .filter(({ role }) => role !== "entry")
    .map(({ transfer, role, place }) => {
      return { transfer, role, what: describePlace(place), place, soundness: soundnessAt(input, version, place) };
    });
}

/** Without a record every enabled transfer is needed: that is what a version is (DESIGN, "Words"). */
function needsByDefinition({ transfers, instances }: GraphInput, version: Version): readonly Need[] {
  return transfers.flatMap((transfer): readonly Need[] => {
    const role = roleOf(transfer.target);
    if (role === "entry") return [];
    const found = instances.find(({ instance }) => instance.transfer === transfer.id && instance.version === version);
    if (found === undefined) {
      const what = `version ${version} of ${transfer.id}`;
      return [{ transfer: transfer.id, role, what, place: undefined, soundness: "missing" }];
    }
    const { place } = found.instance;
    return [{ transfer: transfer.id, role, what: describePlace(place), place, soundness: found.soundness }];
  });
}

function hasPlace(needs: readonly Need[], place: Place): boolean {
  return needs.some((need) => need.place !== undefined && samePlace(need.place, place));
}

/** Partitions that the command line names by verity hash, as far as `needs` does not have them yet. */
function verityNeeds(input: GraphInput, commandLine: string, needs: readonly Need[]): readonly Need[] {
  const { partitions } = input;
  if (partitions === undefined) return [];
  return verityPartitions(commandLine).flatMap(({ what, uuid }): readonly Need[] => {
    const place = partitions.find((partition) => partition.uuid === uuid)?.place;
    if (place !== undefined && hasPlace(needs, place)) return [];
    const soundness = place === undefined ? "missing" : (judgedAt(input, place) ?? "unknown");
    return [{ transfer: "", role: "image", what: `partition ${uuid} (${what})`, place, soundness }];
  });
}

function judgedAt({ instances }: GraphInput, place: Place): Soundness | undefined {
  return instances.find(({ instance }) => samePlace(instance.place, place))?.soundness;
}

/** Kernel, initrds and the like of a type 1 entry, as far as `needs` does not have them yet. */
function fileNeeds(input: GraphInput, files: ObservedEntry["files"], needs: readonly Need[]): readonly Need[] {
  return files.flatMap(({ path, present }): readonly Need[] => {
    const place: Place = { kind: "file", path };
    if (hasPlace(needs, place)) return [];
    const soundness = present ? (judgedAt(input, place) ?? "unknown") : "missing";
    return [{ transfer: "", role: "image", what: path, place, soundness }];
  });
}

function buildNode(input: GraphInput, { entry, commandLine, files }: ObservedEntry): GraphNode {
  const record = recordOf(input, entry);
  const known = versionOfEntry(input.transfers, entry);
  const version = record?.version ?? known?.version;
  if (version === undefined) return { entry, version: undefined, needs: [] };
  const recordedEntry = record?.resources.find(({ role, place }) => role === "entry" && isEntryPlace(place, entry));
  const own = ownNeed(input, entry, recordedEntry?.transfer ?? known?.transfer.id ?? "");
  const listsAll = record !== undefined && record.partial !== true;
  const byVersion = listsAll ? recordedNeeds(input, record) : needsByDefinition(input, version);
  const byContent = [...verityNeeds(input, commandLine ?? "", byVersion), ...fileNeeds(input, files, byVersion)];
  return { entry, version, needs: [own, ...byVersion, ...byContent] };
}

/** Nodes in the order of the entries. A need without a transfer (`""`) is named by the entry itself. */
export function buildGraph(input: GraphInput): BootGraph {
  return { nodes: input.entries.map((observed) => buildNode(input, observed)) };
}
