// Observe: everything the planner looks at, gathered once, without changing anything (P7).
import { Fault } from "../../base/fault.ts";
import type { Uuid, Version } from "../../base/ids.ts";
import { isVersion } from "../../base/ids.ts";
import { folderOf } from "../../base/machine-path.ts";
import type { BootEntry, BootGraph, Soundness } from "../../domain/boot-graph.ts";
import { linkPath } from "../../domain/destination.ts";
import { isOnTrial } from "../../domain/entry-count.ts";
import { buildGraph, type ObservedEntry } from "../../domain/graph.ts";
import type { LoaderState } from "../../domain/loader.ts";
import type { ResourceRecord } from "../../domain/records.ts";
import {
  type Catalog,
  describePlace,
  type Instance,
  type Inventory,
  type Place,
  samePlace,
} from "../../domain/resource.ts";
import { roleOf, versionOfEntry } from "../../domain/role.ts";
import type { Room, Running, Situation, TargetPlace } from "../../domain/situation.ts";
import type { Transfer, TransferTarget } from "../../format/definitions.ts";
import { parseEntryName } from "../../format/entry-name.ts";
import type { FileSystem } from "../../port/disk.ts";
import { readBootEntries } from "./boot-entries.ts";
import { type BootFolders, findBootFolders, targetFolder } from "./boot-folders.ts";
import { readCatalog } from "./catalog.ts";
import { type Definitions, readDefinitions } from "./definitions.ts";
import { glance } from "./glance.ts";
import { readOsRelease } from "./identity.ts";
import { readInventory, readStaging, targetDevice } from "./inventory.ts";
import { readLoaderState } from "./loader-state.ts";
import { readSecureBoot } from "./secure-boot.ts";
import type { Session } from "../session.ts";
import { type Facts, readFacts, stagingFolder, stateFolder } from "../state/state.ts";

export interface Observation {
  readonly definitions: Definitions;
  readonly boot: BootFolders;
  readonly facts: Facts;
  readonly situation: Situation;
  readonly entries: readonly ObservedEntry[];
  readonly fileSystems: readonly FileSystem[];
  /** Places that were read in this run and found wrong: stamps cannot tell that. */
  readonly damaged: ReadonlySet<string>;
}

/** What is there now says without reading it again: the recorded size and stamp. */
function judge(instance: Instance, record: ResourceRecord | undefined): Soundness {
  if (record === undefined) return "unknown";
  if (record.content.kind === "bytes") {
    if (instance.place.kind === "file" && instance.sizeBytes !== record.content.sizeBytes) return "damaged";
    if (instance.place.kind === "partition" && instance.sizeBytes < record.content.sizeBytes) return "damaged";
  }
  return record.stamp === instance.stamp ? "verified" : "unchecked";
}

function judgeAll(
  facts: Facts,
  instances: readonly Instance[],
  damaged: ReadonlySet<string>,
): ReadonlyMap<Instance, Soundness> {
  return new Map(
    instances.map((instance) => {
      if (damaged.has(describePlace(instance.place))) return [instance, "damaged"] as const;
      const records = facts.versions.get(instance.version)?.resources ?? [];
      const record = records.find(({ transfer }) => transfer === instance.transfer);
      // Nobody has to vouch for it: a file without a byte is what a power cut leaves (E12).
      const isEmptied = record === undefined && instance.place.kind === "file" && instance.sizeBytes === 0;
      return [instance, isEmptied ? "damaged" : judge(instance, record)] as const;
    }),
  );
}

/** Recorded places that today's definitions do not list: another target pattern then, or a transfer retired since. */
async function judgeElsewhere(
  session: Session,
  facts: Facts,
  instances: readonly Instance[],
): Promise<readonly { place: Place; soundness: Soundness }[]> {
  const known = (place: Place): boolean => instances.some((instance) => samePlace(instance.place, place));
  const others = [...facts.versions.values()].flatMap(({ resources }) =>
    resources.filter(({ place }) => place.kind !== "partition" && !known(place)),
  );
  return Promise.all(
    others.map(async (record) => {
      if (record.place.kind === "partition") return { place: record.place, soundness: "unknown" as const };
      const stat = await session.machine.disk.stat(record.place.path);
      if (stat === undefined) return { place: record.place, soundness: "missing" as const };
      if (record.content.kind === "bytes" && stat.sizeBytes !== record.content.sizeBytes)
        return { place: record.place, soundness: "damaged" as const };
      return {
        place: record.place,
        soundness: stat.stamp === record.stamp ? ("verified" as const) : ("unchecked" as const),
      };
    }),
  );
}

async function readPartitions(
  session: Session,
  transfers: readonly Transfer[],
): Promise<readonly { uuid: Uuid; place: Place }[] | undefined> {
  const devices = new Set<string>();
  for (const transfer of transfers)
    if (transfer.target.type === "partition") devices.add(await targetDevice(session, transfer));
  if (devices.size === 0) return undefined;
  const partitions: { uuid: Uuid; place: Place }[] = [];
  for (const device of devices) {
    const table = await session.machine.volumes.readTable(device);
    for (const { uuid, number, sizeSectors } of table.partitions) {
      partitions.push({
        uuid,
        place: { kind: "partition", device, number, sizeBytes: sizeSectors * table.sectorSizeBytes },
      });
    }
  }
  return partitions;
}

/**
 * What LoaderEntrySelected names, by the id that lasts: systemd-boot before 258 says the name with the counter as it was
 * before this boot was counted, and one that knows profiles of a UKI says `@` and which.
 */
export function lastingId(selected: string | undefined): string | undefined {
  const name = selected?.toLowerCase().replace(/@[0-9]+$/, "");
  return name === undefined ? undefined : (parseEntryName(name)?.id ?? name);
}

/** What runs: what the running system says of itself, checked against what is installed. */
async function observeRunning(
  session: Session,
  transfers: readonly Transfer[],
  entries: readonly BootEntry[],
  inventory: Inventory,
): Promise<Running> {
  const isOfBoots =
    session.settings.component === undefined || transfers.some(({ target }) => roleOf(target) === "entry");
  if (!isOfBoots) return { version: undefined, because: "nothing says which version of it is in use", onTrial: false };
  const installed = new Set(inventory.instances.map(({ version }) => version));
  const selected = lastingId(await session.machine.loader.read("LoaderEntrySelected"));
  const entry = entries.find(({ id }) => selected !== undefined && id.toLowerCase() === selected);
  const byEntry = entry === undefined ? undefined : versionOfEntry(transfers, entry)?.version;
  const imageVersion = (await readOsRelease(session))?.imageVersion;
  const byImage =
    imageVersion !== undefined && isVersion(imageVersion) && installed.has(imageVersion) ? imageVersion : undefined;
  const version = byEntry ?? byImage;
  if (version === undefined) {
    const because =
      imageVersion === undefined
        ? "os-release has no IMAGE_VERSION"
        : `os-release says ${imageVersion}, which is not installed here`;
    // One whose boots are being counted may well be the one: it must not be replaced under itself (P3).
    const onTrial = entries.some(
      (item) => isOnTrial(item) && item.tries?.done !== 0 && versionOfEntry(transfers, item) !== undefined,
    );
    return { version: undefined, because, onTrial: session.settings.live && onTrial };
  }
  const because = byEntry === undefined ? "os-release says so" : "the boot loader started its entry";
  const own = entries.filter((item) => versionOfEntry(transfers, item)?.version === version);
  // Only the loader can say that this boot is being counted: on a tree a counter is just a name, and a counter that
  // has not counted a boot yet came with a repair.
  const counted = own.some(({ tries }) => tries !== undefined && tries.done > 0);
  const onTrial = session.settings.live && session.machine.loader.available && counted;
  return { version, because, onTrial };
}

async function observeLinked(
  session: Session,
  transfers: readonly Transfer[],
  inventory: Inventory,
  targets: ReadonlyMap<string, TargetPlace>,
): Promise<ReadonlyMap<string, Version>> {
  const linked = new Map<string, Version>();
  for (const transfer of transfers) {
    const link = linkPath(transfer, targets.get(transfer.id)?.folder);
    const path = link === undefined ? undefined : await session.machine.disk.resolve(link);
    for (const instance of inventory.instances) {
      const { place } = instance;
      if (instance.transfer === transfer.id && place.kind !== "partition" && place.path === path)
        linked.set(transfer.id, instance.version);
    }
  }
  return linked;
}

async function observeTargets(
  session: Session,
  { enabled, disabled }: Definitions,
  boot: BootFolders,
): Promise<{
  readonly targets: ReadonlyMap<string, TargetPlace>;
  readonly fileSystems: readonly FileSystem[];
  readonly stateFileSystem: string;
}> {
  const { disk } = session.machine;
  const state = await disk.fileSystem(await nearest(session, stateFolder(session)));
  const fileSystems = new Map<string, FileSystem>([[state.id, state]]);
  const targets = new Map<string, TargetPlace>();
  for (const folder of [boot.esp, boot.xbootldr])
    if (folder !== undefined) fileSystems.set(folder.fileSystem.id, folder.fileSystem);
  const cleanable = disabled.filter(({ target }) => target.type !== "partition" && reachable(target, boot));
  for (const transfer of [...enabled, ...cleanable]) {
    if (transfer.target.type === "partition") {
      const device = await targetDevice(session, transfer);
      targets.set(transfer.id, {
        folder: device,
        fileSystem: device,
        stagingFolder: stagingFolder(session),
        stagingFileSystem: state.id,
      });
      continue;
    }
    const wanted = targetFolder(session, boot, transfer.target);
    const folder = (await disk.resolve(wanted)) ?? wanted;
    const fileSystem = await disk.fileSystem(await nearest(session, folder));
    fileSystems.set(fileSystem.id, fileSystem);
    targets.set(transfer.id, {
      folder,
      fileSystem: fileSystem.id,
      stagingFolder: folder,
      stagingFileSystem: fileSystem.id,
    });
  }
  return { targets, fileSystems: [...fileSystems.values()], stateFileSystem: state.id };
}

/** What a switched-off feature left is cleaned up where its folder is here. */
function reachable({ pathRelativeTo }: TransferTarget, { esp, xbootldr }: BootFolders): boolean {
  if (pathRelativeTo === "esp") return esp !== undefined;
  if (pathRelativeTo === "xbootldr") return xbootldr !== undefined;
  return pathRelativeTo === "root" || (esp ?? xbootldr) !== undefined;
}

/** The path itself or the nearest folder above it that exists. */
async function nearest(session: Session, path: string): Promise<string> {
  const resolved = await session.machine.disk.resolve(path);
  return resolved ?? (path === "/" ? "/" : nearest(session, folderOf(path)));
}

function roomOf(fileSystem: FileSystem): Room {
  const { id, mountPoint, availableBytes, blockBytes, readOnly } = fileSystem;
  return { id, mountPoint, availableBytes, blockBytes, readOnly };
}

/** Gathers everything. `catalog` says whether the sources are asked as well. */
export async function observe(session: Session, options: { readonly catalog: boolean }): Promise<Observation> {
  const looking = glance(session);
  const definitions = await readDefinitions(looking);
  const facts = await readFacts(looking);
  const boot = await findBootFolders(looking);
  if (!options.catalog) return observeMachine(looking, definitions, facts, boot, undefined, new Set());
  const catalog = await readCatalog(session, definitions.enabled, facts);
  return observeMachine(glance(session), definitions, facts, boot, catalog, new Set());
}

/** The machine once more, with what the sources said before: a fresh look before and after every visible step (P11). */
export async function observeAgain(
  session: Session,
  before: Observation,
  news: { readonly catalog?: Catalog; readonly damaged?: Iterable<string> } = {},
): Promise<Observation> {
  const looking = glance(session);
  const catalog = news.catalog ?? before.situation.catalog;
  const damaged = new Set([...before.damaged, ...(news.damaged ?? [])]);
  return observeMachine(
    looking,
    before.definitions,
    await readFacts(looking),
    await findBootFolders(looking),
    catalog,
    damaged,
  );
}

async function observeMachine(
  session: Session,
  definitions: Definitions,
  facts: Facts,
  boot: BootFolders,
  catalog: Catalog | undefined,
  damaged: ReadonlySet<string>,
): Promise<Observation> {
  const found = await readInventory(session, definitions.enabled, boot);
  const inventory = { ...found, leftovers: [...found.leftovers, ...(await readStaging(session))] };
  const disabled = await readInventory(session, definitions.disabled, boot).catch(missingTargetsHoldNothing);
  const secureBoot = await readSecureBoot(session);
  const entries = await readBootEntries(session, boot, facts.versions.values(), secureBoot);
  const bootEntries = entries.map(({ entry }) => entry);
  const all = [...inventory.instances, ...disabled.instances];
  const soundness = judgeAll(facts, all, damaged);
  const graph: BootGraph = buildGraph({
    entries,
    transfers: definitions.enabled,
    instances: all.map((instance) => ({ instance, soundness: soundness.get(instance) ?? "unknown" })),
    records: [...facts.versions.values()],
    elsewhere: await judgeElsewhere(session, facts, all),
    partitions: await readPartitions(session, definitions.enabled),
  });
  const loader: LoaderState = await readLoaderState(session, boot, bootEntries);
  const { targets, fileSystems, stateFileSystem } = await observeTargets(session, definitions, boot);
  const situation: Situation = {
    component: session.settings.component,
    transfers: definitions.enabled,
    targets,
    catalog,
    inventory,
    disabled,
    soundness,
    graph,
    loader,
    secureBoot,
    stateFileSystem,
    running: await observeRunning(session, definitions.enabled, bootEntries, inventory),
    linked: await observeLinked(session, definitions.enabled, inventory, targets),
    versions: facts.versions,
    quarantine: facts.quarantine,
    pins: facts.pins,
    hold: facts.hold,
    rooms: new Map(fileSystems.map((fileSystem) => [fileSystem.id, roomOf(fileSystem)])),
    instancesMax: session.settings.instancesMax,
    nowMs: session.machine.clock.nowMs(),
  };
  return { definitions, boot, facts, situation, entries, fileSystems, damaged };
}

/** A switched-off transfer whose ESP or disk is not there has left nothing on it. */
function missingTargetsHoldNothing(error: unknown): Inventory {
  if (error instanceof Fault && (error.code === "no-boot-folder" || error.code === "no-partition-table")) {
    return { instances: [], leftovers: [], slots: [] };
  }
  throw error;
}
