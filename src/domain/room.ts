// Space on every file system, computed before anything is downloaded or deleted (P3; incidents E13 to E16).
import type { Version } from "../base/ids.ts";
import { mebibytes } from "../base/mebibytes.ts";
import type { Transfer } from "../format/definitions.ts";
import type { Destination, Refusal, Removal, SpaceUse, WayBack } from "./plan.ts";
import { removalOf } from "./removal.ts";
import type { Instance, Leftover, Offer } from "./resource.ts";
import { everythingOf, isProtected, type Room, type Situation } from "./situation.ts";
import { compareVersions } from "./version-order.ts";

export interface RoomRequest {
  readonly pieces: readonly { readonly transfer: Transfer; readonly offer: Offer; readonly destination: Destination }[];
  readonly cleared: readonly Removal[];
  readonly keep: ReadonlySet<Version>;
  readonly wayBack: WayBack;
  readonly target: Version;
  /** What earlier runs left and no step continues. */
  readonly leftovers: readonly Leftover[];
}

export interface RoomAnswer {
  /** The leftovers have to go before the download, too. */
  readonly sweepFirst: boolean;
  readonly removals: readonly Removal[];
  readonly space: readonly SpaceUse[];
  readonly refusal: Refusal | undefined;
}

/** Kept free on every file system: names, journal, records. */
const marginBytes = 1024 * 1024;

function rounded(bytes: number, room: Room): number {
  return Math.ceil(bytes / room.blockBytes) * room.blockBytes;
}

/** Bytes a plan will take from each file system at its fullest moment. A compressed source stands beside its content. */
function needs(situation: Situation, request: RoomRequest): ReadonlyMap<string, { peak: number; net: number }> {
  const total = new Map<string, { peak: number; net: number }>();
  const add = (id: string, peak: number, net: number): void => {
    const before = total.get(id) ?? { peak: 0, net: 0 };
    total.set(id, { peak: before.peak + peak, net: before.net + net });
  };
  for (const { transfer, offer, destination } of request.pieces) {
    const target = situation.targets.get(transfer.id);
    const room = situation.rooms.get(destination.fileSystem);
    const staging = target === undefined ? undefined : situation.rooms.get(target.stagingFileSystem);
    const size = offer.sizeBytes ?? 0;
    const staged = takenBy(situation, offer.sha256?.slice(0, 16));
    const unpacked = takenBy(situation, offer.sha256?.slice(-16));
    const direct =
      offer.shape.kind === "tree" || (offer.shape.kind === "bytes" && offer.shape.compression === undefined);
    const content = offer.fields.sizeBytes ?? (direct ? size : size * 3);
    if (!direct && staging !== undefined) add(staging.id, Math.max(0, rounded(size, staging) - staged), -staged);
    // With Secure Boot on it is fetched and looked at there first, and copied (P12).
    const first = situation.rooms.get(situation.stateFileSystem ?? "");
    const isLookedAt = destination.role === "entry" && situation.secureBoot?.kind === "on";
    if (isLookedAt && first !== undefined) add(first.id, rounded(size, first), 0);
    if (destination.place.kind === "partition" || room === undefined) continue;
    // Half unpacked content is unpacked again in its place.
    const already = direct ? staged : unpacked;
    add(room.id, Math.max(0, rounded(content, room) - already), rounded(content, room) - already);
  }
  return total;
}

/** What is half here of a resource, with the room that was reserved for the rest of it. */
function takenBy({ inventory }: Situation, digits: string | undefined): number {
  const left = inventory.leftovers.find(
    ({ by, digestPrefix, place }) => by === "holdfast" && place.kind === "file" && digestPrefix === digits,
  );
  return left?.takenBytes ?? 0;
}

/** Nobody counts what is in a tree: `tree` stands for it. */
function sweptBytes(situation: Situation, leftovers: readonly Leftover[], id: string, tree: number): number {
  return leftovers
    .filter(({ transfer }) => situation.targets.get(transfer)?.fileSystem === id)
    .reduce((sum, { place, takenBytes }) => sum + (place.kind === "tree" ? tree : takenBytes), 0);
}

function freedBy(instances: readonly Instance[], id: string): number {
  return instances
    .filter((instance) => instance.place.kind === "file" && instance.fileSystem === id)
    .reduce((sum, instance) => sum + instance.sizeBytes, 0);
}

/** Versions that may go before the download: older than the way back, not pinned, not in use; oldest first. */
function expendable(situation: Situation, request: RoomRequest): readonly Version[] {
  if (request.wayBack.kind !== "version") return [];
  const { version: floor } = request.wayBack;
  const cleared = new Set(request.cleared.map((removal) => removal.version));
  return [...new Set(situation.inventory.instances.map((instance) => instance.version))]
    .filter((version) => compareVersions(version, floor) < 0)
    .filter((version) => !request.keep.has(version) && !cleared.has(version) && version !== situation.running.version)
    .filter((version) => !situation.pins.has(version) && !isProtected(situation, version))
    .sort(compareVersions);
}

/** Chooses what has to go before the download, or says what is short and what could be freed. */
export function makeRoom(situation: Situation, request: RoomRequest): RoomAnswer {
  const needed = needs(situation, request);
  const removals: Removal[] = [];
  const candidates = [...expendable(situation, request)];
  let swept: readonly Leftover[] = [];
  const short = (): { readonly room: Room; readonly missing: number } | undefined => {
    for (const [id, need] of needed) {
      const room = situation.rooms.get(id);
      if (room === undefined || need.peak === 0) continue;
      const freed = [...request.cleared, ...removals].reduce((sum, removal) => sum + freedBy(removal.instances, id), 0);
      const left = sweptBytes(situation, swept, id, Number.POSITIVE_INFINITY);
      const missing = need.peak + marginBytes - room.availableBytes - freed - left;
      if (missing > 0) return { room, missing };
    }
    return undefined;
  };
  for (let lack = short(); lack !== undefined; lack = short()) {
    const room = lack.room;
    if (swept.length === 0 && sweptBytes(situation, request.leftovers, room.id, 1) > 0) {
      swept = request.leftovers;
      continue;
    }
    const helpful = candidates.find((version) => freedBy(everythingOf(situation, version), room.id) > 0);
    if (helpful === undefined)
      return {
        sweepFirst: false,
        removals,
        space: [],
        refusal: noSpace(situation, request, lack, needed.get(room.id)?.peak ?? 0),
      };
    candidates.splice(candidates.indexOf(helpful), 1);
    removals.push(removalOf(situation, helpful, "make-room", everythingOf(situation, helpful)));
  }
  const space = spaceOf(situation, needed, [...request.cleared, ...removals], request.leftovers);
  return { sweepFirst: swept.length > 0, removals, space, refusal: undefined };
}

function spaceOf(
  situation: Situation,
  needed: ReadonlyMap<string, { peak: number; net: number }>,
  removals: readonly Removal[],
  leftovers: readonly Leftover[],
): readonly SpaceUse[] {
  return [...needed].flatMap(([id, need]) => {
    const room = situation.rooms.get(id);
    if (room === undefined) return [];
    const freed = removals.reduce((sum, removal) => sum + freedBy(removal.instances, id), 0);
    return [
      {
        fileSystem: id,
        mountPoint: room.mountPoint,
        availableBytes: room.availableBytes,
        peakBytes: need.peak,
        netBytes: need.net - freed - sweptBytes(situation, leftovers, id, 0),
      },
    ];
  });
}

function noSpace(
  situation: Situation,
  request: RoomRequest,
  lack: { readonly room: Room; readonly missing: number },
  peak: number,
): Refusal {
  const { room } = lack;
  const unpinned = expendable({ ...situation, pins: new Set() }, request);
  const held = unpinned
    .filter((version) => situation.pins.has(version) && freedBy(everythingOf(situation, version), room.id) > 0)
    .map(
      (version) => `unpinning ${version} would free ${mebibytes(freedBy(everythingOf(situation, version), room.id))}`,
    );
  const hint =
    held.length > 0
      ? `${held.join("; ")}.`
      : `Free ${mebibytes(lack.missing)} there by hand, or enlarge it; nothing of Holdfast's can go without losing the way back.`;
  return {
    code: "no-space",
    message: `Cannot update to ${request.target}: ${room.mountPoint} needs ${mebibytes(peak + marginBytes)} and has ${mebibytes(room.availableBytes)}`,
    hint: `${hint.charAt(0).toUpperCase()}${hint.slice(1)}`,
  };
}
