// Fills in what nobody said about a machine, so that a folder of definitions alone gives an answer; the report names each.
import { bootFolder } from "../../domain/role.ts";
import type { Transfer } from "../../format/definitions.ts";
import { linuxGeneric } from "../../format/partition-types.ts";
import { kindOf, packingOf, typicalBytes } from "./kind.ts";
import type { KnownShape, ResourceSize, Shape, SlotGroup, Volume } from "./shape.ts";

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;
/** What compression leaves of an image. */
const packed = 0.4;
/** Slots of an image that nobody has measured: room to grow. */
const growth = 1.25;
/** The disk that Path=auto means. */
const rootDevice = "/dev/simulated-disk";

export function completeShape(transfers: readonly Transfer[], known: KnownShape): Shape {
  const esp = known.esp ?? assumedEsp(transfers);
  const xbootldr = known.xbootldr ?? (uses(transfers, "xbootldr") ? "/boot" : undefined);
  const sizes = new Map(transfers.map((transfer) => [transfer.id, sizeOf(transfer, known)]));
  return {
    volumes: volumesOf(transfers, known, esp, xbootldr),
    esp,
    xbootldr,
    slots: slotsOf(transfers, known, sizes),
    sizes,
  };
}

const uses = (transfers: readonly Transfer[], where: string): boolean =>
  transfers.some(({ target }) => target.pathRelativeTo === where);

/** Where the definitions put boot entries without saying `esp`, the path says where it is mounted. */
function assumedEsp(transfers: readonly Transfer[]): string | undefined {
  for (const { target } of transfers) {
    if (target.pathRelativeTo !== "root" || bootFolder(target) === undefined) continue;
    const mount = ["/boot/efi", "/boot", "/efi"].find((path) => target.path.startsWith(`${path}/`));
    if (mount !== undefined) return mount;
  }
  return ["esp", "boot", "xbootldr"].some((where) => uses(transfers, where)) ? "/efi" : undefined;
}

function sizeOf(transfer: Transfer, { sizes, slots }: KnownShape): ResourceSize {
  const known = sizes.get(transfer.id);
  const slot = slots.get(transfer.id)?.sizeBytes ?? Number.POSITIVE_INFINITY;
  const typical = Math.min(typicalBytes[kindOf(transfer)], Math.floor(slot / growth));
  const contentBytes = known?.bytes ?? typical;
  const compressed = packingOf(transfer) !== undefined || kindOf(transfer) === "tree";
  const travelBytes = known?.travel ?? (compressed ? Math.ceil(contentBytes * packed) : contentBytes);
  return { contentBytes, travelBytes, from: known?.from ?? "assumed" };
}

function volumesOf(
  transfers: readonly Transfer[],
  { volumes }: KnownShape,
  esp: string | undefined,
  xbootldr: string | undefined,
): readonly Volume[] {
  const subvolumes = transfers.some(({ target }) => target.type === "subvolume");
  const assumed: Volume[] = [
    {
      mountPoint: "/",
      type: subvolumes ? "btrfs" : "ext4",
      sizeBytes: 64 * gibibyte,
      roomBytes: 32 * gibibyte,
      from: "assumed",
    },
  ];
  if (esp !== undefined) assumed.push(fat(esp, 512 * mebibyte));
  if (xbootldr !== undefined) assumed.push(fat(xbootldr, gibibyte));
  return [...volumes, ...assumed.filter(({ mountPoint }) => !volumes.some((one) => one.mountPoint === mountPoint))];
}

/** The loader and the FAT itself take a little of it. */
function fat(mountPoint: string, sizeBytes: number): Volume {
  return { mountPoint, type: "vfat", sizeBytes, roomBytes: sizeBytes - 4 * mebibyte, from: "assumed" };
}

/** The versions that a machine keeps under these definitions. */
export function instancesOf({ target }: Transfer): number {
  return target.instancesMax ?? 2;
}

function slotsOf(
  transfers: readonly Transfer[],
  known: KnownShape,
  sizes: ReadonlyMap<string, ResourceSize>,
): readonly SlotGroup[] {
  const groups = new Map<string, SlotGroup>();
  for (const transfer of transfers) {
    if (transfer.target.type !== "partition") continue;
    const device = transfer.target.path === "auto" ? rootDevice : transfer.target.path;
    const type = transfer.target.partitionType ?? linuxGeneric;
    const said = known.slots.get(transfer.id);
    const need = (sizes.get(transfer.id)?.contentBytes ?? 0) * growth;
    const sizeBytes = said?.sizeBytes ?? Math.ceil(need / mebibyte) * mebibyte;
    const before = groups.get(`${device} ${type}`);
    groups.set(`${device} ${type}`, {
      device,
      type,
      transfers: [...(before?.transfers ?? []), transfer.id],
      count: (before?.count ?? 0) + (said?.count ?? instancesOf(transfer)),
      sizeBytes: Math.max(before?.sizeBytes ?? 0, sizeBytes),
      from: said?.from ?? "assumed",
    });
  }
  return [...groups.values()];
}
