// Everything the planner may look at: what was observed, and the few facts that cannot be (P7).
import type { Version } from "../base/ids.ts";
import type { Transfer } from "../format/definitions.ts";
import type { BootEntry, BootGraph, GraphNode, Soundness } from "./boot-graph.ts";
import type { LoaderState } from "./loader.ts";
import type { HoldRecord, QuarantineRecord, VersionRecord } from "./records.ts";
import type { SecureBoot } from "./secure-boot.ts";
import type { Catalog, Instance, Inventory } from "./resource.ts";
import { roleOf } from "./role.ts";

/** A file system as the plan counts it. */
export interface Room {
  readonly id: string;
  readonly mountPoint: string;
  readonly availableBytes: number;
  readonly blockBytes: number;
  readonly readOnly: boolean;
}

/** A transfer's target on this machine. */
export interface TargetPlace {
  /** Folder of the instances; for partitions the device. */
  readonly folder: string;
  readonly fileSystem: string;
  /** Folder for what is downloaded before it becomes the instance: the target's own, or the state folder. */
  readonly stagingFolder: string;
  readonly stagingFileSystem: string;
}

export interface Running {
  /** `undefined` when nothing says so: a tree, a container, an image without IMAGE_VERSION. */
  readonly version: Version | undefined;
  readonly because: string;
  /** Its entry carries a counter: this boot has not been judged yet. */
  readonly onTrial: boolean;
}

export interface Situation {
  readonly component: string | undefined;
  readonly transfers: readonly Transfer[];
  readonly targets: ReadonlyMap<string, TargetPlace>;
  readonly catalog: Catalog | undefined;
  readonly inventory: Inventory;
  /** Instances of transfers that a feature has switched off. */
  readonly disabled: Inventory;
  readonly soundness: ReadonlyMap<Instance, Soundness>;
  readonly graph: BootGraph;
  readonly loader: LoaderState;
  /** What it would start; nothing is known of it when absent. */
  readonly secureBoot?: SecureBoot;
  /** Where a boot entry is looked at before it comes near the ESP. */
  readonly stateFileSystem?: string;
  readonly running: Running;
  /** By transfer, the version that its CurrentSymlink= points at: in use without a boot. */
  readonly linked: ReadonlyMap<string, Version>;
  readonly versions: ReadonlyMap<Version, VersionRecord>;
  readonly quarantine: ReadonlyMap<Version, QuarantineRecord>;
  readonly pins: ReadonlySet<Version>;
  readonly hold: HoldRecord | undefined;
  readonly rooms: ReadonlyMap<string, Room>;
  readonly instancesMax: number | undefined;
  readonly nowMs: number;
}

export function nodeOf(graph: BootGraph, entry: BootEntry): GraphNode | undefined {
  return graph.nodes.find((node) => node.entry.path === entry.path);
}

export function instancesOf(situation: Situation, version: Version): readonly Instance[] {
  return situation.inventory.instances.filter((instance) => instance.version === version);
}

/** Everything of a version, the leftovers of switched-off features too: what has to go when it goes. */
export function everythingOf(situation: Situation, version: Version): readonly Instance[] {
  return [...situation.inventory.instances, ...situation.disabled.instances].filter(
    (instance) => instance.version === version,
  );
}

/** Whether today's enabled transfers all have an instance of this version that is not known to be damaged. */
export function isWhole(situation: Situation, version: Version): boolean {
  const own = instancesOf(situation, version);
  return situation.transfers.every((transfer) =>
    own.some((instance) => instance.transfer === transfer.id && situation.soundness.get(instance) !== "damaged"),
  );
}

/** Whether a boot entry decides which version is used; components have none. */
export function hasEntries(situation: Situation): boolean {
  return situation.transfers.some((transfer) => roleOf(transfer.target) === "entry");
}

/** A component that no boot entry belongs to: the menu and the running system are of the OS that it is a part of. */
export function isWithoutBoot(situation: Situation): boolean {
  return situation.component !== undefined && !hasEntries(situation);
}

/** Versions that a definition says never to remove. */
export function isProtected(situation: Situation, version: Version): boolean {
  return situation.transfers.some((transfer) => transfer.protectVersions.includes(version));
}
