// Observe: which instances the machine holds under today's definitions, what is left over, and which slots there are.
import { joinPath } from "../../base/machine-path.ts";
import { Fault } from "../../base/fault.ts";
import type { Instance, Inventory, Leftover, Place, Slot } from "../../domain/resource.ts";
import type { Transfer } from "../../format/definitions.ts";
import { parseLeftover } from "../../format/leftover-name.ts";
import { derivedType, emptyLabel, type PartitionTable } from "../../format/partition-table.ts";
import { flagGrowFileSystem, flagNoAuto, flagReadOnly, linuxGeneric } from "../../format/partition-types.ts";
import { type Fields, matchPatterns } from "../../format/pattern.ts";
import { type BootFolders, targetFolder } from "./boot-folders.ts";
import type { Session } from "../session.ts";
import { listIfThere } from "../state/small-file.ts";
import { stagingFolder } from "../state/state.ts";

interface Found {
  readonly instances: readonly Instance[];
  readonly leftovers: readonly Leftover[];
  readonly slots: readonly Slot[];
}

/** The deepest folder a target pattern reaches below the target's own. */
function depthOf(transfer: Transfer): number {
  return Math.max(
    ...transfer.target.patterns.map((pattern) => pattern.pieces.filter((piece) => piece.kind === "slash").length),
  );
}

async function observeFiles(session: Session, transfer: Transfer, folder: string): Promise<Found> {
  const { disk } = session.machine;
  const instances: Instance[] = [];
  const leftovers: Leftover[] = [];
  const tree = transfer.target.type !== "regular-file";
  const real = await disk.resolve(folder);
  if (real === undefined) return { instances, leftovers, slots: [] };
  const fileSystem = (await disk.fileSystem(real)).id;
  const depth = depthOf(transfer);
  const placeOf = (path: string): Place =>
    tree ? { kind: "tree", path, subvolume: transfer.target.type === "subvolume" } : { kind: "file", path };
  const visit = async (below: string, level: number): Promise<void> => {
    for (const item of await listIfThere(disk, below === "" ? real : joinPath(real, below))) {
      const name = below === "" ? item.name : `${below}/${item.name}`;
      const path = joinPath(real, name);
      const leftover = parseLeftover(item.name);
      if (leftover !== undefined) {
        const stat = await disk.stat(path);
        const place: Place = item.kind === "folder" ? { kind: "tree", path, subvolume: false } : { kind: "file", path };
        leftovers.push({
          by: leftover.by,
          place,
          digestPrefix: leftover.by === "holdfast" ? leftover.digestPrefix : undefined,
          name: leftover.by === "sysupdate" ? leftover.name : undefined,
          ...(leftover.by === "sysupdate" ? { stage: leftover.stage } : {}),
          transfer: transfer.id,
          sizeBytes: stat?.sizeBytes ?? 0,
          takenBytes: stat?.takenBytes ?? 0,
        });
        continue;
      }
      const match =
        item.kind === (tree ? "folder" : "file") ? matchPatterns(transfer.target.patterns, name) : undefined;
      if (match !== undefined) {
        const stat = await disk.stat(path);
        if (stat === undefined) continue;
        instances.push({
          transfer: transfer.id,
          version: match.fields.version,
          place: placeOf(path),
          fields: withStat(match.fields, stat.mtimeUs, stat.mode, tree ? undefined : stat.sizeBytes),
          sizeBytes: stat.sizeBytes,
          stamp: stat.stamp,
          fileSystem,
        });
      } else if (item.kind === "folder" && level < depth) await visit(name, level + 1);
    }
  };
  await visit("", 0);
  return { instances, leftovers, slots: [] };
}

function withStat(fields: Fields, mtimeUs: bigint, mode: number, sizeBytes: number | undefined): Fields {
  return { mtimeUs, mode: mode & 0o775, ...(sizeBytes === undefined ? {} : { sizeBytes }), ...fields };
}

/** The disk a partition target means. */
export async function targetDevice(session: Session, transfer: Transfer): Promise<string> {
  return transfer.target.path === "auto" ? session.machine.volumes.rootDisk() : transfer.target.path;
}

function flagFields(attributes: bigint): Partial<Fields> {
  return {
    partitionFlags: attributes,
    noAuto: (attributes & flagNoAuto) !== 0n,
    growFileSystem: (attributes & flagGrowFileSystem) !== 0n,
    readOnly: (attributes & flagReadOnly) !== 0n,
  };
}

/** Partitions of the target's type are its slots: empty, holding a version, or (under a derived type) half written. */
function observeTable(session: Session, transfer: Transfer, table: PartitionTable): Found {
  const hmac = (key: Uint8Array, message: Uint8Array): Uint8Array => session.machine.digest.hmacSha256(key, message);
  const type = transfer.target.partitionType ?? linuxGeneric;
  const unfinished = [derivedType(type, "partial", hmac), derivedType(type, "pending", hmac)];
  const instances: Instance[] = [];
  const leftovers: Leftover[] = [];
  const slots: Slot[] = [];
  for (const partition of table.partitions) {
    if (partition.type !== type && !unfinished.includes(partition.type)) continue;
    const sizeBytes = partition.sizeSectors * table.sectorSizeBytes;
    const place: Place = { kind: "partition", device: table.device, number: partition.number, sizeBytes };
    const match = matchPatterns(transfer.target.patterns, partition.label);
    const half = unfinished.includes(partition.type);
    const slot = {
      transfer: transfer.id,
      device: table.device,
      number: partition.number,
      sizeBytes,
      label: partition.label,
    };
    if (half && match === undefined) continue;
    if (!half && match === undefined && partition.label !== emptyLabel) continue;
    slots.push({ ...slot, empty: half || partition.label === emptyLabel });
    if (half) {
      leftovers.push({
        by: "sysupdate",
        place,
        digestPrefix: undefined,
        name: partition.label,
        stage: partition.type === unfinished[1] ? "pending" : "partial",
        transfer: transfer.id,
        sizeBytes,
        takenBytes: 0,
      });
    } else if (match !== undefined) {
      instances.push({
        transfer: transfer.id,
        version: match.fields.version,
        place,
        fields: { partitionUuid: partition.uuid, ...flagFields(partition.attributes), ...match.fields },
        sizeBytes,
        // A partition has no stamp of its own: its label, identity and place, and never a promise about its bytes.
        stamp: `${partition.label} ${partition.uuid} ${partition.startSector}+${partition.sizeSectors}`,
        fileSystem: table.device,
      });
    }
  }
  return { instances, leftovers, slots };
}

async function observeTransfer(session: Session, transfer: Transfer, boot: BootFolders): Promise<Found> {
  if (transfer.target.type === "partition") {
    const device = await targetDevice(session, transfer);
    return observeTable(session, transfer, await session.machine.volumes.readTable(device));
  }
  return observeFiles(session, transfer, targetFolder(session, boot, transfer.target));
}

/** Downloads on their way into a partition, which has no folder to keep them in. */
export async function readStaging(session: Session): Promise<readonly Leftover[]> {
  const { disk } = session.machine;
  const folder = stagingFolder(session);
  const found: Leftover[] = [];
  for (const { name, kind } of await listIfThere(disk, folder)) {
    const leftover = kind === "file" ? parseLeftover(name) : undefined;
    if (leftover?.by !== "holdfast") continue;
    const path = joinPath(folder, name);
    const { sizeBytes, takenBytes } = (await disk.stat(path)) ?? { sizeBytes: 0, takenBytes: 0 };
    const { by, digestPrefix } = leftover;
    const place = { kind: "file", path } as const;
    found.push({ by, place, digestPrefix, name: undefined, transfer: "", sizeBytes, takenBytes });
  }
  return found;
}

/** Everything that today's transfers find on the machine. A target that is not there yet holds nothing. */
export async function readInventory(
  session: Session,
  transfers: readonly Transfer[],
  boot: BootFolders,
): Promise<Inventory> {
  const found: Found[] = [];
  for (const transfer of transfers) {
    try {
      found.push(await observeTransfer(session, transfer, boot));
    } catch (error) {
      if (!(error instanceof Fault && error.code === "not-found")) throw error;
    }
  }
  return {
    instances: found.flatMap((part) => part.instances),
    leftovers: distinct(found.flatMap((part) => part.leftovers)),
    slots: found.flatMap((part) => part.slots),
  };
}

/** Transfers that share a folder see the same leftovers. */
function distinct(leftovers: readonly Leftover[]): readonly Leftover[] {
  const seen = new Set<string>();
  return leftovers.filter((leftover) => {
    const key = JSON.stringify(leftover.place);
    return seen.has(key) ? false : (seen.add(key), true);
  });
}
