// What a real machine says about itself: its file systems, its slots, and how large the installed versions are. Only looks.
import { Fault } from "../../base/fault.ts";
import { findBootFolders, targetFolder } from "../../agent/observe/boot-folders.ts";
import { readInventory, targetDevice } from "../../agent/observe/inventory.ts";
import type { Session } from "../../agent/session.ts";
import type { Inventory } from "../../domain/resource.ts";
import type { Transfer } from "../../format/definitions.ts";
import { linuxGeneric } from "../../format/partition-types.ts";
import type { FileSystem } from "../../port/disk.ts";
import { simulatedType } from "./layout-file.ts";
import type { KnownShape, Volume } from "./shape.ts";

/** What cannot be found out (no ESP, no right to read the partition table) is left to be assumed. */
export async function machineShape(session: Session, transfers: readonly Transfer[]): Promise<KnownShape> {
  const boot = await findBootFolders(session);
  const inventory = await ifPossible(() => readInventory(session, transfers, boot), {
    instances: [],
    leftovers: [],
    slots: [],
  });
  const folders = ["/", ...[boot.esp?.path, boot.xbootldr?.path].flatMap((path) => path ?? [])];
  for (const { target } of transfers) {
    if (target.type === "partition") continue;
    const folder = await ifPossible(async () => targetFolder(session, boot, target), undefined);
    if (folder !== undefined) folders.push(folder);
  }
  const volumes = new Map<string, Volume>();
  for (const folder of folders) {
    const fileSystem = await ifPossible(() => session.machine.disk.fileSystem(folder), undefined);
    if (fileSystem !== undefined) volumes.set(fileSystem.mountPoint, volumeFrom(fileSystem, inventory));
  }
  return {
    volumes: [...volumes.values()],
    slots: new Map(await slotsOf(session, transfers)),
    sizes: sizesOf(transfers, inventory),
    ...(boot.esp === undefined ? {} : { esp: boot.esp.path }),
    ...(boot.xbootldr === undefined ? {} : { xbootldr: boot.xbootldr.path }),
  };
}

async function ifPossible<T>(ask: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Fault) return otherwise;
    throw error;
  }
}

/** What the installed versions take is room for versions as well. */
function volumeFrom(fileSystem: FileSystem, { instances }: Inventory): Volume {
  const taken = instances
    .filter((instance) => instance.fileSystem === fileSystem.id && instance.place.kind === "file")
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const { mountPoint, type, totalBytes, availableBytes } = fileSystem;
  const roomBytes = Math.min(totalBytes, availableBytes + taken);
  return { mountPoint, type: simulatedType(type), sizeBytes: totalBytes, roomBytes, from: "machine" };
}

async function slotsOf(
  session: Session,
  transfers: readonly Transfer[],
): Promise<readonly (readonly [string, { count: number; sizeBytes: number; from: "machine" }])[]> {
  const found: (readonly [string, { count: number; sizeBytes: number; from: "machine" }])[] = [];
  for (const transfer of transfers) {
    if (transfer.target.type !== "partition") continue;
    const table = await ifPossible(
      async () => session.machine.volumes.readTable(await targetDevice(session, transfer)),
      undefined,
    );
    const type = transfer.target.partitionType ?? linuxGeneric;
    const own = table?.partitions.filter((partition) => partition.type === type) ?? [];
    if (table === undefined || own.length === 0) continue;
    const sizeBytes = Math.min(...own.map(({ sizeSectors }) => sizeSectors)) * table.sectorSizeBytes;
    found.push([transfer.id, { count: own.length, sizeBytes, from: "machine" }]);
  }
  return found;
}

/** Of files the largest there is; what is in a slot says nothing about how full it is. */
function sizesOf(transfers: readonly Transfer[], { instances }: Inventory): KnownShape["sizes"] {
  return new Map(
    transfers.flatMap(({ id }) => {
      const own = instances.filter(({ transfer, place }) => transfer === id && place.kind === "file");
      const bytes = Math.max(0, ...own.map(({ sizeBytes }) => sizeBytes));
      return bytes === 0 ? [] : [[id, { bytes, from: "machine" as const }] as const];
    }),
  );
}
