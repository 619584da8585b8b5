// Where each resource of a new version goes: names, staging names, and the slot that is given up (P3).
import type { Sha256, Version } from "../base/ids.ts";
import { joinPath } from "../base/machine-path.ts";
import type { Transfer } from "../format/definitions.ts";
import { stagingName } from "../format/leftover-name.ts";
import { demandLabel } from "../format/partition-table.ts";
import { type Fields, formatPattern, type Pattern } from "../format/pattern.ts";
import type { Destination } from "./plan.ts";
import { type Offer, type Place, samePlace, type Slot } from "./resource.ts";
import { roleOf } from "./role.ts";
import { isProtected, type Situation, type TargetPlace } from "./situation.ts";
import { compareVersions } from "./version-order.ts";

/**
 * Staging names (DESIGN, contracts): bytes as they travel lie under the first 16 hex digits of their digest; what is
 * unpacked or decompressed from them, under the last 16, so that both can lie side by side.
 */
export function contentStagingName(sha256: Sha256): string {
  return `.holdfast-${sha256.slice(-16)}`;
}

/** A counter in the source's name that says nothing of tries done stands for none done. */
function counterOf({ triesLeft, triesDone }: Fields): Partial<Fields> {
  return triesLeft === undefined ? {} : { triesDone: triesDone ?? 0 };
}

/** Explicit settings of the target come before what the source's name says, and that before nothing. */
function targetFields(transfer: Transfer, offer: Offer): Fields {
  const { target } = transfer;
  return {
    ...offer.fields,
    version: offer.version,
    ...(target.partitionUuid === undefined ? {} : { partitionUuid: target.partitionUuid }),
    ...(target.partitionFlags === undefined ? {} : { partitionFlags: target.partitionFlags }),
    ...(target.noAuto === undefined ? {} : { noAuto: target.noAuto }),
    ...(target.growFileSystem === undefined ? {} : { growFileSystem: target.growFileSystem }),
    ...(target.readOnly === undefined ? {} : { readOnly: target.readOnly }),
    ...(target.mode === undefined ? {} : { mode: target.mode }),
    ...(target.triesLeft === undefined ? {} : { triesLeft: target.triesLeft }),
    // Pre-set, so that counting never changes the length of the name (disk model: FAT).
    ...(target.triesLeft === undefined && target.triesDone === undefined
      ? counterOf(offer.fields)
      : { triesDone: target.triesDone ?? 0 }),
    ...(offer.sha256 === undefined ? {} : { sha256: offer.sha256 }),
  };
}

/** Metadata of the new instance, as the definition and the source's name give it. */
export function instanceFields(transfer: Transfer, offer: Offer): Fields {
  return targetFields(transfer, offer);
}

/** The final name: the first pattern names new instances. */
export function instanceName(transfer: Transfer, offer: Offer): string {
  const first = transfer.target.patterns[0] as Pattern;
  return formatPattern(first, targetFields(transfer, offer));
}

/** Where a transfer's CurrentSymlink= is: a relative one is in the folder of its instances (sysupdate.d(5)). */
export function linkPath(transfer: Transfer, folder: string | undefined): string | undefined {
  const link = transfer.target.currentSymlink;
  if (link === undefined || link.startsWith("/") || folder === undefined) return link;
  return joinPath(folder, link);
}

/** Why a slot can be written without asking anyone, or `undefined` when it cannot. */
function slotPreference(
  situation: Situation,
  slot: Slot,
  name: string,
  target: Version,
  keep: ReadonlySet<Version>,
): number | undefined {
  const held = situation.inventory.instances.find(
    ({ place, transfer }) =>
      transfer === slot.transfer &&
      place.kind === "partition" &&
      place.number === slot.number &&
      place.device === slot.device,
  );
  // What an earlier run began is continued where it lies.
  if (held === undefined) return slot.label === name ? -1 : 0;
  if (held.version === target) return -2;
  if (keep.has(held.version) || situation.pins.has(held.version) || isProtected(situation, held.version))
    return undefined;
  if (held.version === situation.running.version) return undefined;
  return 1;
}

/**
 * The slot to write: one that already holds the target, else a half-written one of it, else an empty one, else the
 * oldest version that may go. `taken`: what other transfers with the same type of partition have been given.
 */
function chooseSlot(
  situation: Situation,
  transfer: Transfer,
  offer: Offer,
  keep: ReadonlySet<Version>,
  taken: readonly Place[],
): Slot | undefined {
  const name = instanceName(transfer, offer);
  const held = (slot: Slot): Version | undefined =>
    situation.inventory.instances.find(
      ({ place }) => place.kind === "partition" && place.number === slot.number && place.device === slot.device,
    )?.version;
  return situation.inventory.slots
    .filter(
      (slot) =>
        slot.transfer === transfer.id &&
        !taken.some((place) => samePlace(place, { kind: "partition", ...slot })) &&
        (offer.sizeBytes === undefined ||
          offer.shape.kind !== "bytes" ||
          offer.shape.compression !== undefined ||
          slot.sizeBytes >= offer.sizeBytes),
    )
    .map((slot) => ({
      slot,
      preference: slotPreference(situation, slot, name, offer.version, keep),
      version: held(slot),
    }))
    .filter((item): item is typeof item & { preference: number } => item.preference !== undefined)
    .sort(
      (a, b) =>
        a.preference - b.preference ||
        compareVersions(a.version ?? "", b.version ?? "") ||
        a.slot.number - b.slot.number,
    )[0]?.slot;
}

/** `undefined` when no slot may be written. `digest` is the digest of the bytes as they travel. */
export function destinationOf(
  situation: Situation,
  transfer: Transfer,
  offer: Offer,
  digest: Sha256,
  keep: ReadonlySet<Version>,
  taken: readonly Place[],
): Destination | undefined {
  const target = situation.targets.get(transfer.id) as TargetPlace;
  const role = roleOf(transfer.target);
  if (transfer.target.type === "partition") {
    // Before anything is given up for it.
    demandLabel(instanceName(transfer, offer));
    const slot = chooseSlot(situation, transfer, offer, keep, taken);
    if (slot === undefined) return undefined;
    const place = { kind: "partition" as const, device: slot.device, number: slot.number, sizeBytes: slot.sizeBytes };
    return { transfer: transfer.id, role, place, staging: place, fileSystem: target.fileSystem };
  }
  const path = joinPath(target.folder, instanceName(transfer, offer));
  const direct = offer.shape.kind === "bytes" && offer.shape.compression === undefined;
  const staging = joinPath(target.folder, direct ? stagingName(digest) : contentStagingName(digest));
  if (transfer.target.type === "regular-file") {
    return {
      transfer: transfer.id,
      role,
      place: { kind: "file", path },
      staging: { kind: "file", path: staging },
      fileSystem: target.fileSystem,
    };
  }
  const subvolume = transfer.target.type === "subvolume";
  return {
    transfer: transfer.id,
    role,
    place: { kind: "tree", path, subvolume },
    staging: { kind: "tree", path: staging, subvolume },
    fileSystem: target.fileSystem,
  };
}
