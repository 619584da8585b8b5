// The planner: from what is observed to the ordered steps of an update, or a named refusal. Pure (P1 to P5, P7).
import type { Sha256, Version } from "../base/ids.ts";
import type { Transfer } from "../format/definitions.ts";
import { isComplete } from "./boot-graph.ts";
import { predict } from "./loader.ts";
import { destinationOf, instanceName, linkPath } from "./destination.ts";
import type { Destination, Plan, Planned, Refusal, RefusalCode, Removal, Step, WayBack } from "./plan.ts";
import { describePlace, type Instance, type Leftover, type Offer, type Release } from "./resource.ts";
import { hidingOf, roleRank, removalOf } from "./removal.ts";
import { trimOvergrown } from "./overgrown.ts";
import { roleOf } from "./role.ts";
import { makeRoom } from "./room.ts";
import { chooseRetired } from "./retire.ts";
import { everythingOf, instancesOf, isProtected, type Situation } from "./situation.ts";
import { compareVersions } from "./version-order.ts";
import { stillToDo } from "./still-to-do.ts";
import { damagedRunning, findWayBack } from "./way-back.ts";

export interface Wish {
  /** Bring everything in, install nothing. */
  readonly acquireOnly: boolean;
}

function refused(code: RefusalCode, message: string, hint: string): Planned {
  const refusal: Refusal = { code, message, hint };
  return { kind: "refused", refusal };
}

interface Piece {
  readonly transfer: Transfer;
  readonly offer: Offer;
  readonly destination: Destination;
}

/** By role, and by file name of the definition within a role. */
function inOrder(pieces: readonly Piece[]): readonly Piece[] {
  return [...pieces].sort((a, b) => roleRank(a.destination.role) - roleRank(b.destination.role));
}

/** What is half there already and will be continued. */
function resumeBytes(situation: Situation, offer: Offer): number {
  const prefix = offer.sha256?.slice(0, 16);
  const left = situation.inventory.leftovers.find(
    (leftover) => leftover.by === "holdfast" && leftover.digestPrefix === prefix && leftover.place.kind === "file",
  );
  return left?.sizeBytes ?? 0;
}

/**
 * Entries that are taken away before anything else: broken ones that the loader would try first, and the target's own
 * while anything of it is still to be brought in. Until it is whole, no entry must name it (P1); the running version is
 * never touched.
 */
function clearFirst(situation: Situation, release: Release, broken: readonly Version[]): readonly Removal[] {
  const target = release.version;
  const ownBroken = situation.graph.nodes.some((node) => node.version === target && !isComplete(node));
  const versions = ownBroken || stillToDo(situation, release).length > 0 ? [target, ...broken] : broken;
  return versions
    .filter((version) => version !== situation.running.version)
    .map((version) =>
      // Of the target only the entry goes: its other resources may be good, and those that are not are replaced.
      version === target
        ? hidingOf(situation, version)
        : removalOf(situation, version, "broken", everythingOf(situation, version)),
    )
    .filter((removal) => removal.instances.length > 0);
}

/** Versions that lose their slot to the target: whole, entry first, before a byte is written over them. */
function slotVictims(situation: Situation, pieces: readonly Piece[], target: Version): readonly Version[] {
  const victims = pieces.flatMap(({ destination }) =>
    situation.inventory.instances.filter(
      (instance) =>
        instance.version !== target &&
        instance.place.kind === "partition" &&
        destination.place.kind === "partition" &&
        instance.place.device === destination.place.device &&
        instance.place.number === destination.place.number,
    ),
  );
  return [...new Set(victims.map((instance) => instance.version))];
}

/** Leftovers that no step continues: ours of other digests, and systemd's where its definitions let them go. */
export function sweepable(situation: Situation, keep: ReadonlySet<string>): readonly Leftover[] {
  return [...situation.inventory.leftovers, ...situation.disabled.leftovers].filter((leftover) => {
    if (leftover.by === "holdfast") return !keep.has(leftover.digestPrefix ?? "");
    const transfer = situation.transfers.find(({ id }) => id === leftover.transfer);
    return transfer?.target.removeTemporary !== false;
  });
}

function links(situation: Situation, pieces: readonly Piece[], release: Release): readonly Step[] {
  return situation.transfers.flatMap((transfer): readonly Step[] => {
    const symlink = linkPath(transfer, situation.targets.get(transfer.id)?.folder);
    if (symlink === undefined || situation.linked.get(transfer.id) === release.version) return [];
    const piece = pieces.find((item) => item.transfer === transfer);
    const present = instancesOf(situation, release.version).find((instance) => instance.transfer === transfer.id);
    const place = piece?.destination.place ?? present?.place;
    return place === undefined || place.kind === "partition"
      ? []
      : [{ kind: "link", transfer: transfer.id, symlink, target: place.path }];
  });
}

/** What is not known to boot, comes before the way back, and must not go either. */
function staysInTheWay(situation: Situation, target: Version, version: Version): Planned | undefined {
  const sentence = `Cannot update to ${target}: the loader would fall back to ${version}, which`;
  if (situation.pins.has(version))
    return refused(
      "pinned",
      `${sentence} is pinned and not known to boot`,
      `Boot ${version} once, or run: holdfast unpin ${version}`,
    );
  if (isProtected(situation, version))
    return refused(
      "pinned",
      `${sentence} ProtectVersion= keeps and which is not known to boot`,
      `Boot ${version} once, or take it out of ProtectVersion=.`,
    );
  return undefined;
}

/**
 * Plans the update to `release`, whose offers all carry a digest by now. The order of the steps is the promise:
 * way back proven (P4), broken entries gone, room made, everything brought in, then installed entry last (P1),
 * audited (P5), and only then the old cleared, entry first (P2, P3).
 */
export function planUpdate(situation: Situation, release: Release, wish: Wish): Planned {
  const target = release.version;
  const hasEntries = situation.transfers.some((transfer) => roleOf(transfer.target) === "entry");
  const found = findWayBack(situation, target, hasEntries);
  const wayBack = damagedRunning(situation, found) ?? found.wayBack;
  // The version that runs stays, whatever its entry looks like (P3).
  const inTheWay = found.inTheWay.filter(({ version }) => version !== situation.running.version);
  for (const { version } of inTheWay) {
    const refusal = version === undefined ? undefined : staysInTheWay(situation, target, version);
    if (refusal !== undefined) return refusal;
  }
  const keep = new Set<Version>([
    target,
    ...[wayBack, found.wayBack].flatMap((way) => (way.kind === "version" ? [way.version] : [])),
    ...situation.linked.values(),
  ]);
  const superseded = inTheWay.filter((node) => isComplete(node)).flatMap((node) => node.version ?? []);
  const broken = inTheWay.filter((node) => !isComplete(node)).flatMap((node) => node.version ?? []);
  const first = clearFirst(situation, release, broken);
  const todo = stillToDo(situation, release, new Set(first.flatMap(({ instances }) => instances)));
  const pieces: Piece[] = [];
  for (const { transfer, offer } of todo) {
    const taken = pieces.map((piece) => piece.destination.place);
    const tree = treeInUse(situation, transfer, target);
    if (tree !== undefined && isBeyondProof(situation, tree, offer)) continue;
    const used = target === situation.running.version ? inUse(situation, transfer) : undefined;
    const there = used?.place;
    if (used?.place.kind === "partition") {
      if (isBeyondProof(situation, used, offer)) continue;
      return runsThere(transfer, offer);
    }
    const destination = destinationOf(situation, transfer, offer, offer.sha256 as Sha256, keep, taken);
    if (destination === undefined) return noSlot(situation, transfer, offer);
    pieces.push({ transfer, offer, destination: there === undefined ? destination : { ...destination, place: there } });
  }
  const readOnly = pieces
    .map(({ destination }) => situation.rooms.get(destination.fileSystem))
    .find((room) => room?.readOnly === true);
  if (readOnly !== undefined) {
    return refused(
      "read-only",
      `Cannot update to ${target}: ${readOnly.mountPoint} is mounted read-only`,
      `Mount it writable: mount -o remount,rw ${readOnly.mountPoint}`,
    );
  }
  const ordered = inOrder(pieces);
  const victims = slotVictims(situation, pieces, target).filter((version) => !broken.includes(version));
  const cleared = [
    ...first,
    ...victims.map((version) => removalOf(situation, version, "make-room", everythingOf(situation, version))),
  ];
  const continued = new Set(
    ordered.flatMap(({ offer }) => [(offer.sha256 as Sha256).slice(0, 16), (offer.sha256 as Sha256).slice(-16)]),
  );
  const swept = sweepable(situation, continued).filter(
    (leftover) => !pieces.some(({ destination }) => sameSlot(destination, leftover)),
  );
  const { overgrown, situation: trimmed } = trimOvergrown(situation, ordered);
  const room = makeRoom(trimmed, { pieces: ordered, cleared, keep, wayBack, target, leftovers: swept });
  if (room.refusal !== undefined) return { kind: "refused", refusal: room.refusal };
  const gone = new Set<Version>(
    [...cleared, ...room.removals].map((removal) => removal.version).filter((version) => version !== target),
  );
  const replaced = wish.acquireOnly || ordered.length === 0 ? [] : superseded.filter((version) => !gone.has(version));
  const retired = wish.acquireOnly ? [] : chooseRetired(situation, target, keep, new Set([...gone, ...replaced]));
  const pendingLinks = wish.acquireOnly ? [] : links(situation, pieces, release);
  const removals = [...cleared, ...room.removals];
  if (
    ordered.length + removals.length + retired.length + pendingLinks.length + (wish.acquireOnly ? 0 : swept.length) ===
    0
  ) {
    return { kind: "nothing-to-do", version: target, why: whyNothing(situation, target), notices: [] };
  }
  const steps: Step[] = [
    // Also before old versions go for no new one: an interrupted run may have gone on without a way back (P3, P4).
    ...(wayBack.kind === "version" && ordered.length + retired.length > 0
      ? [{ kind: "prove", version: wayBack.version } as const]
      : []),
    ...ordered
      .filter(({ destination }) => destination.role === "entry" && looksFirst(situation))
      .map(({ offer }): Step => ({ kind: "admit", version: target, offer })),
    ...(overgrown.length > 0 ? [{ kind: "sweep", leftovers: overgrown } as const] : []),
    ...(room.sweepFirst ? [{ kind: "sweep", leftovers: swept } as const] : []),
    ...removals.map((removal): Step => ({ kind: "clear", removal })),
    ...ordered.map(
      ({ offer, destination }): Step => ({
        kind: "acquire",
        offer,
        destination,
        resumeBytes: resumeBytes(trimmed, offer),
      }),
    ),
  ];
  if (!wish.acquireOnly) {
    steps.push(
      ...replaced.map(
        (version): Step => ({
          kind: "clear",
          removal: removalOf(situation, version, "replaced", everythingOf(situation, version)),
        }),
      ),
      ...ordered.map(({ offer, destination }): Step => ({ kind: "install", offer, destination })),
      ...pendingLinks,
      { kind: "audit", version: target, boots: hasEntries },
      ...retired.map((removal): Step => ({ kind: "clear", removal })),
      ...(swept.length > 0 && !room.sweepFirst ? [{ kind: "sweep", leftovers: swept } as const] : []),
    );
  }
  const plan: Plan = {
    target,
    from: situation.running.version,
    wayBack,
    steps,
    downloadBytes: downloadOf(ordered, trimmed),
    space: room.space,
    notices: noticesOf(situation, {
      wayBack,
      counted: found.counted,
      victims,
      replaced,
      room: room.removals,
      target,
      ordered,
    }),
  };
  return { kind: "plan", plan };
}

/** With Secure Boot on, an entry that the firmware would not start is refused before anything is touched (P12). */
function looksFirst({ secureBoot }: Situation): boolean {
  return secureBoot?.kind === "on" || secureBoot?.kind === "unreadable";
}

function whyNothing(situation: Situation, target: Version): string {
  const passedOver = situation.catalog?.releases.some(({ version }) => compareVersions(version, target) > 0) === true;
  const newest = `version ${target} is the newest ${passedOver ? "that can be taken" : "on offer"}`;
  if (situation.running.version === target) return `${newest} and is running`;
  const next = predict(situation.loader).next;
  const own = situation.graph.nodes.filter((node) => node.version === target);
  if (own.length === 0 || own.some((node) => node.entry.path === next?.path)) {
    return `${newest} and is installed${own.length === 0 ? "" : "; it starts with the next boot"}`;
  }
  return `${newest} and is installed, but ${next?.fileName ?? "nothing"} boots next`;
}

function sameSlot(destination: Destination, leftover: Leftover): boolean {
  return (
    destination.place.kind === "partition" &&
    leftover.place.kind === "partition" &&
    destination.place.device === leftover.place.device &&
    destination.place.number === leftover.place.number
  );
}

function downloadOf(pieces: readonly Piece[], situation: Situation): number | undefined {
  let total = 0;
  for (const { offer } of pieces) {
    if (offer.sizeBytes === undefined) return undefined;
    total += Math.max(0, offer.sizeBytes - resumeBytes(situation, offer));
  }
  return total;
}

/** What runs is mended where it lies: under another name its entry would have two. */
function inUse({ inventory, running }: Situation, { id }: Transfer): Instance | undefined {
  return inventory.instances.find(({ transfer, version }) => transfer === id && version === running.version);
}

/**
 * The tree that runs or that a link leads to, of which no record says what archive it came from. Another of its name
 * cannot take its place in one step: for a moment nothing would be where the link leads (P2, P6).
 */
function treeInUse(situation: Situation, { id }: Transfer, version: Version): Instance | undefined {
  if (version !== situation.running.version && version !== situation.linked.get(id)) return undefined;
  const record = situation.versions.get(version)?.resources.find(({ transfer }) => transfer === id);
  if (record?.sourceSha256 !== undefined) return undefined;
  return instancesOf(situation, version).find(({ transfer, place }) => transfer === id && place.kind === "tree");
}

/**
 * The digest on offer is that of packed bytes, and no record tells another: a machine that an installer filled. Its
 * image cannot be proven, and as it runs from a partition it is not written anew either; it stays as it is (P3).
 */
function isBeyondProof(situation: Situation, instance: Instance, { shape }: Offer): boolean {
  const isPacked = shape.kind !== "bytes" || shape.compression !== undefined;
  return isPacked && situation.soundness.get(instance) !== "damaged";
}

function runsThere(transfer: Transfer, offer: Offer): Planned {
  return refused(
    "no-free-slot",
    `Cannot install ${instanceName(transfer, offer)}: version ${offer.version} runs, and its partition cannot be written under it`,
    "Go back first with holdfast rollback, boot, and run holdfast update again.",
  );
}

function noSlot(situation: Situation, transfer: Transfer, offer: Offer): Planned {
  const slots = situation.inventory.slots.filter((slot) => slot.transfer === transfer.id);
  const name = instanceName(transfer, offer);
  if (slots.length === 0) {
    return refused(
      "no-free-slot",
      `Cannot install ${name}: no partition of the right type is on the disk`,
      `Create one with the label _empty, or check MatchPartitionType= in ${transfer.file}.`,
    );
  }
  const size = offer.sizeBytes ?? 0;
  if (slots.every((slot) => slot.sizeBytes < size)) {
    return refused(
      "no-free-slot",
      `Cannot install ${name}: it has ${size} bytes and the largest partition for it ${Math.max(...slots.map((slot) => slot.sizeBytes))}`,
      "Enlarge the partition, or publish a smaller image.",
    );
  }
  const holders = slots.map((slot) => slot.label).join(", ");
  return refused(
    "no-free-slot",
    `Cannot install ${name}: every partition for it holds a version that must stay (${holders})`,
    "Unpin one of them, or wait until the running version has been found good.",
  );
}

interface NoticeFacts {
  readonly wayBack: WayBack;
  readonly counted: boolean;
  readonly victims: readonly Version[];
  readonly replaced: readonly Version[];
  readonly room: readonly Removal[];
  readonly target: Version;
  readonly ordered: readonly Piece[];
}

function noticesOf(situation: Situation, facts: NoticeFacts): readonly string[] {
  const notices: string[] = [];
  if (facts.wayBack.kind === "none") notices.push(`There is no way back: ${facts.wayBack.why}.`);
  else if (facts.counted)
    notices.push(
      `The way back, ${facts.wayBack.version}, has not been found good yet: its entry still carries a counter.`,
    );
  if (facts.wayBack.kind === "version" && situation.running.version === undefined)
    notices.push(
      `It is not known which version runs (${situation.running.because}); the way back is the one the loader would start: ${facts.wayBack.version}.`,
    );
  for (const version of facts.victims)
    notices.push(`Version ${version} gives up its partition to ${facts.target} before the download.`);
  for (const version of facts.replaced)
    notices.push(
      `Version ${version} was never booted and is replaced, so that ${facts.target} falls back to a version known to boot.`,
    );
  for (const removal of facts.room)
    notices.push(`Version ${removal.version} is removed before the download, to make room.`);
  for (const { offer, destination } of facts.ordered) {
    if (offer.evidence !== "signed")
      notices.push(
        `${offer.name} is not verified (Verify=no): ${describePlace(destination.place)} will show as unproven for ever.`,
      );
  }
  return notices;
}
