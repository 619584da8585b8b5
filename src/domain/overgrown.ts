// Partials with more bytes than their resource has: a server that never stopped sending may have filled the disk with
// one. Nothing of it can be continued, and it goes first, so that no person has to make room by hand (P6).
import type { Destination } from "./plan.ts";
import type { Leftover, Offer } from "./resource.ts";
import type { Situation } from "./situation.ts";

interface Piece {
  readonly offer: Offer;
  readonly destination: Destination;
}

export interface Trimmed {
  readonly overgrown: readonly Leftover[];
  /** As it will be once they are gone. */
  readonly situation: Situation;
}

export function trimOvergrown(situation: Situation, pieces: readonly Piece[]): Trimmed {
  const { inventory, targets } = situation;
  const rooms = new Map(situation.rooms);
  const overgrown = inventory.leftovers.filter((leftover) => {
    const piece = pieces.find(({ offer }) => isOvergrown(leftover, offer));
    if (piece === undefined) return false;
    const target = targets.get(leftover.transfer);
    const id = piece.destination.place.kind === "partition" ? target?.stagingFileSystem : target?.fileSystem;
    const room = id === undefined ? undefined : rooms.get(id);
    if (room !== undefined) rooms.set(room.id, { ...room, availableBytes: room.availableBytes + leftover.takenBytes });
    return true;
  });
  if (overgrown.length === 0) return { overgrown, situation };
  const leftovers = inventory.leftovers.filter((leftover) => !overgrown.includes(leftover));
  return { overgrown, situation: { ...situation, rooms, inventory: { ...inventory, leftovers } } };
}

function isOvergrown({ by, digestPrefix, place, sizeBytes }: Leftover, { sha256, sizeBytes: whole }: Offer): boolean {
  if (by !== "holdfast" || place.kind !== "file" || whole === undefined || sha256 === undefined) return false;
  return digestPrefix === sha256.slice(0, 16) && sizeBytes > whole;
}
