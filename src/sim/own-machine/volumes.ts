// The file systems of a simulated machine: of the user's true sizes for arithmetic, or shrunk with the contents, so that
// as many versions fit as on the real machine and room runs out at the same step.
import type { Transfer } from "../../format/definitions.ts";
import type { SimFileSystemSettings } from "../disk/file-system.ts";
import { kindOf, packingOf } from "./kind.ts";
import { localSource } from "./publish.ts";
import { folderOfTarget } from "./own-world.ts";
import { realScale, type Scale, smallScale } from "./scale.ts";
import { type Shape, type Volume, volumeOf } from "./shape.ts";

const mebibyte = 1024 * 1024;
const blockBytes = 4096;
/** What the planner keeps free (domain/room.ts). */
const marginBytes = mebibyte;
/** More versions than this make no difference any more. */
const manyVersions = 8;
/** Folders, the loader, keyring and definitions; state and journal besides. */
const folderSlackBytes = 64 * 1024;
const stateSlackBytes = 256 * 1024;

export interface VersionRoom {
  readonly mountPoint: string;
  /** What one version takes there when it is installed. */
  readonly versionBytes: number;
  /** How many versions fit side by side. */
  readonly versions: number;
}

const rounded = (bytes: number): number => Math.ceil(bytes / blockBytes) * blockBytes;

/** What one version takes of `volume`, with what is staged there on the way to another place. */
function bytesOn(volume: Volume, transfers: readonly Transfer[], shape: Shape, scale: Scale): number {
  const holds = (path: string): boolean => volumeOf(shape.volumes, path) === volume;
  return transfers.reduce((sum, transfer) => {
    const { contentBytes, travelBytes } = scale(transfer);
    const staged = packingOf(transfer) !== undefined || kindOf(transfer) === "tree" ? rounded(travelBytes) : 0;
    if (transfer.target.type === "partition") return sum + (holds("/var/lib/holdfast") ? staged : 0);
    return sum + (holds(folderOfTarget(transfer, shape)) ? rounded(contentBytes) + staged : 0);
  }, 0);
}

export function versionRooms(transfers: readonly Transfer[], shape: Shape): readonly VersionRoom[] {
  return shape.volumes.flatMap((volume): readonly VersionRoom[] => {
    const versionBytes = bytesOn(volume, transfers, shape, realScale(shape));
    if (versionBytes === 0) return [];
    const versions = Math.max(0, volume.roomBytes - marginBytes) / versionBytes;
    return [{ mountPoint: volume.mountPoint, versionBytes, versions }];
  });
}

export function realFileSystems(transfers: readonly Transfer[], shape: Shape): readonly SimFileSystemSettings[] {
  return [
    ...shape.volumes.map(({ mountPoint, type, roomBytes }) => ({
      mountPoint,
      type,
      sizeBytes: roomBytes + folderSlackBytes + (mountPoint === "/" ? stateSlackBytes : 0),
    })),
    ...sourceVolumes(transfers, shape, 2 ** 43),
  ];
}

export function smallFileSystems(transfers: readonly Transfer[], shape: Shape): readonly SimFileSystemSettings[] {
  const rooms = new Map(versionRooms(transfers, shape).map((room) => [room.mountPoint, room]));
  return [
    ...shape.volumes.map((volume) => {
      const small = bytesOn(volume, transfers, shape, smallScale);
      const versions = Math.min(manyVersions, Math.max(1, rooms.get(volume.mountPoint)?.versions ?? 0));
      const slack = folderSlackBytes + (volume.mountPoint === "/" ? stateSlackBytes + mebibyte : 0);
      return {
        mountPoint: volume.mountPoint,
        type: volume.type,
        sizeBytes: rounded(marginBytes + slack + versions * small),
      };
    }),
    ...sourceVolumes(transfers, shape, 64 * mebibyte),
  ];
}

/** Local sources lie on a file system of their own, or they would take the room of the versions. */
function sourceVolumes(
  transfers: readonly Transfer[],
  shape: Shape,
  sizeBytes: number,
): readonly SimFileSystemSettings[] {
  const folders = new Set(transfers.flatMap((transfer) => localSource(transfer) ?? []));
  const mounts = shape.volumes.map(({ mountPoint }) => mountPoint);
  const targets = transfers.map((transfer) => folderOfTarget(transfer, shape));
  return [...folders]
    .filter((folder) => folder !== "/" && !mounts.includes(folder))
    .filter((folder) => !targets.some((target) => target === folder || target.startsWith(`${folder}/`)))
    .filter((folder) => ![...folders].some((other) => folder.startsWith(`${other}/`)))
    .map((mountPoint) => ({ mountPoint, type: "ext4", sizeBytes }));
}
