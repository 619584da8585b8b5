// Situations for tests, made from a few words: which versions are installed, how sound, and how much room there is.
import { parseSha256, parseVersion, type Sha256, type Version } from "../base/ids.ts";
import type { Transfer } from "../format/definitions.ts";
import { matchPatterns } from "../format/pattern.ts";
import type { BootEntry, Soundness } from "./boot-graph.ts";
import { buildGraph } from "./graph.ts";
import type { ResourceRecord, VersionRecord } from "./records.ts";
import type { Instance, Inventory, Offer, Place, Release, Slot } from "./resource.ts";
import { roleOf } from "./role.ts";
import { sampleEntry } from "./sample-entry.ts";
import { sampleTransfers } from "./sample-transfer.ts";
import type { Room, Situation, TargetPlace } from "./situation.ts";

export const sampleImageBytes: number = 100 * 1024 * 1024;
export const sampleEntryBytes: number = 40 * 1024 * 1024;

export interface SampleVersion {
  readonly version: string;
  /** File name of its entry on the ESP: `os_V.efi` when absent, none when `null`. */
  readonly entry?: string | null;
  /** Of what is no entry. "absent": it is not there. */
  readonly image?: Soundness | "absent";
  readonly entrySoundness?: Soundness;
  /** Where its image is a partition: the number. */
  readonly slot?: number;
  /** Installed by Holdfast, so that a record tells its digests; `true` when absent. */
  readonly recorded?: boolean;
}

export interface SampleMachine {
  readonly transfers?: readonly Transfer[];
  readonly versions: readonly SampleVersion[];
  readonly running?: string;
  /** Entries of other systems. */
  readonly foreign?: readonly BootEntry[];
  readonly pins?: readonly string[];
  /** Bytes that are free, by file system; 1 GiB on each when absent. */
  readonly free?: Readonly<Record<string, number>>;
  readonly readOnly?: readonly string[];
  readonly changes?: Partial<Situation>;
}

/** A digest for each text of up to 16 characters; its first 16 digits tell apart what the last 8 characters do. */
export function sampleDigest(text: string): Sha256 {
  const hex = Array.from(text, (char) => char.charCodeAt(0).toString(16).padStart(2, "0"));
  return parseSha256(hex.toReversed().join("").padEnd(32, "0") + hex.join("").padStart(32, "1"));
}

/** `root` and `esp` stand for file systems, `/dev/sda` for a disk. */
function targetOf({ target }: Transfer): TargetPlace {
  const fileSystem = target.type === "partition" ? target.path : roleOf(target) === "image" ? "root" : "esp";
  const folder = fileSystem === "esp" ? `/efi${target.path}` : target.path;
  return {
    folder,
    fileSystem,
    stagingFolder: folder,
    stagingFileSystem: fileSystem === "/dev/sda" ? "root" : fileSystem,
  };
}

function nameOf(transfer: Transfer, sample: SampleVersion): string | null {
  if (roleOf(transfer.target) === "entry")
    return sample.entry === undefined ? `os_${sample.version}.efi` : sample.entry;
  return sample.image === "absent"
    ? null
    : `${sampleStem(transfer)}_${sample.version}${transfer.target.type === "regular-file" ? ".erofs" : ""}`;
}

/** `50-root` installs `os_V`, `60-debug` installs `debug_V`. */
function sampleStem({ id }: Transfer): string {
  return id === "50-root" ? "os" : id.slice(3);
}

export function sampleInstance(transfer: Transfer, sample: SampleVersion): Instance | undefined {
  const name = nameOf(transfer, sample);
  if (name === null) return undefined;
  const { folder, fileSystem } = targetOf(transfer);
  const isEntry = roleOf(transfer.target) === "entry";
  const path = `${folder}/${name}`;
  const sizeBytes = isEntry ? sampleEntryBytes : sampleImageBytes;
  const type = transfer.target.type;
  const place: Place =
    type === "partition"
      ? { kind: "partition", device: "/dev/sda", number: sample.slot ?? 0, sizeBytes }
      : type === "regular-file"
        ? { kind: "file", path }
        : { kind: "tree", path, subvolume: type === "subvolume" };
  const fields = matchPatterns(transfer.target.patterns, name)?.fields ?? { version: parseVersion(sample.version) };
  return { transfer: transfer.id, version: fields.version, place, fields, sizeBytes, stamp: name, fileSystem };
}

export function sampleOffer(transfer: Transfer, version: string, changes: Partial<Offer> = {}): Offer {
  const name = `${transfer.id}_${version}`;
  return {
    transfer: transfer.id,
    version: parseVersion(version),
    name,
    location: `https://example.com/os/${name}`,
    remote: true,
    shape: { kind: "bytes", compression: undefined },
    fields: { version: parseVersion(version) },
    evidence: "signed",
    sha256: sampleDigest(name),
    sizeBytes: roleOf(transfer.target) === "entry" ? sampleEntryBytes : sampleImageBytes,
    ...changes,
  };
}

export function sampleRelease(
  version: string,
  transfers: readonly Transfer[] = sampleTransfers(),
  changes: Partial<Offer> = {},
): Release {
  return {
    version: parseVersion(version),
    offers: transfers.map((transfer) => sampleOffer(transfer, version, changes)),
    missing: [],
  };
}

function recordOf(version: Version, transfers: readonly Transfer[], instances: readonly Instance[]): VersionRecord {
  const own = instances.filter((instance) => instance.version === version);
  const resources = own.map((instance): ResourceRecord => {
    const transfer = transfers.find(({ id }) => id === instance.transfer) as Transfer;
    const sourceSha256 = sampleDigest(`${transfer.id}_${version}`);
    const content = { kind: "bytes", sha256: sourceSha256, sizeBytes: instance.sizeBytes } as const;
    return {
      transfer: transfer.id,
      role: roleOf(transfer.target),
      place: instance.place,
      sourceSha256,
      content,
      trust: "proven",
    };
  });
  // Half of it may be gone; the record knows of it all the same.
  const places = transfers.filter(({ id }) => !own.some(({ transfer }) => transfer === id));
  const lost = places.flatMap((transfer): readonly ResourceRecord[] => {
    const there = sampleInstance(transfer, { version });
    if (there === undefined) return [];
    const sha256 = sampleDigest(`${transfer.id}_${version}`);
    const content = { kind: "bytes", sha256, sizeBytes: there.sizeBytes } as const;
    return [{ transfer: transfer.id, role: roleOf(transfer.target), place: there.place, content, trust: "proven" }];
  });
  return { format: 1, version, installedAtMs: 0, resources: [...resources, ...lost] };
}

function slotsOf(transfers: readonly Transfer[], instances: readonly Instance[]): readonly Slot[] {
  return instances.flatMap(({ place, transfer, version }) =>
    place.kind !== "partition" || !transfers.some(({ id }) => id === transfer)
      ? []
      : [
          {
            transfer,
            device: place.device,
            number: place.number,
            sizeBytes: place.sizeBytes,
            label: `os_${version}`,
            empty: false,
          },
        ],
  );
}

/** Instances of `transfers` that the versions have, as an inventory; slots only those that hold one. */
export function sampleInventory(
  transfers: readonly Transfer[],
  versions: readonly SampleVersion[],
  more: Partial<Inventory> = {},
): Inventory {
  const instances = versions.flatMap((sample) =>
    transfers.flatMap((transfer) => sampleInstance(transfer, sample) ?? []),
  );
  return { instances, leftovers: [], slots: slotsOf(transfers, instances), ...more };
}

/** Everything verified, nothing in the way, no catalog, unless said otherwise. */
export function sampleSituation(machine: SampleMachine): Situation {
  const transfers = machine.transfers ?? sampleTransfers();
  const inventory = machine.changes?.inventory ?? sampleInventory(transfers, machine.versions);
  const soundness = new Map<Instance, Soundness>(
    inventory.instances.map((instance) => {
      const sample = machine.versions.find(({ version }) => version === instance.version);
      const transfer = transfers.find(({ id }) => id === instance.transfer);
      const isEntry = transfer !== undefined && roleOf(transfer.target) === "entry";
      const said = isEntry ? sample?.entrySoundness : sample?.image;
      return [instance, said === undefined || said === "absent" ? "verified" : said];
    }),
  );
  const recorded = machine.versions.filter((sample) => sample.recorded !== false);
  const versions = new Map(
    recorded.map(({ version }) => [
      parseVersion(version),
      recordOf(parseVersion(version), transfers, inventory.instances),
    ]),
  );
  const own = machine.versions.flatMap((sample) => {
    const name = sample.entry === undefined ? `os_${sample.version}.efi` : sample.entry;
    return name === null || !transfers.some(({ target }) => roleOf(target) === "entry") ? [] : [sampleEntry(name)];
  });
  const entries = [...own, ...(machine.foreign ?? [])];
  const graph = buildGraph({
    entries: entries.map((entry) => ({ entry, commandLine: undefined, files: [] })),
    transfers,
    instances: inventory.instances.map((instance) => ({ instance, soundness: soundness.get(instance) ?? "unknown" })),
    records: [...versions.values()],
    partitions: undefined,
  });
  const room = (id: string): readonly [string, Room] => [
    id,
    {
      id,
      mountPoint: id === "esp" ? "/efi" : "/",
      availableBytes: machine.free?.[id] ?? 1024 ** 3,
      blockBytes: 4096,
      readOnly: machine.readOnly?.includes(id) === true,
    },
  ];
  return {
    component: undefined,
    transfers,
    targets: new Map(transfers.map((transfer) => [transfer.id, targetOf(transfer)])),
    catalog: undefined,
    inventory,
    disabled: { instances: [], leftovers: [], slots: [] },
    soundness,
    graph,
    loader: { entries, config: {}, choices: {}, supportsPreferred: true },
    running:
      machine.running === undefined
        ? { version: undefined, because: "os-release has no IMAGE_VERSION", onTrial: false }
        : { version: parseVersion(machine.running), because: "the boot loader started its entry", onTrial: false },
    linked: new Map(),
    versions,
    quarantine: new Map(),
    pins: new Set((machine.pins ?? []).map(parseVersion)),
    hold: undefined,
    rooms: new Map([room("root"), room("esp")]),
    instancesMax: undefined,
    nowMs: Date.UTC(2026, 2, 1),
    ...machine.changes,
  };
}
