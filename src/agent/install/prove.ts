// Prove: reads what a version consists of from the medium and compares it with its digests (P4).
import { Fault } from "../../base/fault.ts";
import { folderOf, nameOf } from "../../base/machine-path.ts";
import type { Version } from "../../base/ids.ts";
import { type ResourceRecord, trustOf } from "../../domain/records.ts";
import {
  type ContentDigest,
  describePlace,
  type Instance,
  type Offer,
  type Place,
  samePlace,
  type Trust,
} from "../../domain/resource.ts";
import { roleOf } from "../../domain/role.ts";
import { instancesOf, type Situation } from "../../domain/situation.ts";
import type { Transfer } from "../../format/definitions.ts";
import { parseEntryName } from "../../format/entry-name.ts";
import { digestFile } from "../acquire/digest-file.ts";
import { measureOffer } from "../acquire/measure.ts";
import type { Observation } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { stampOfSlot } from "./slot.ts";
import { saveVersion } from "../state/state.ts";
import { digestTree } from "../acquire/tree.ts";

export interface Proof {
  readonly version: Version;
  readonly trust: Trust;
  /** What does not fit, in words; empty when the version is intact. */
  readonly damaged: readonly { readonly instance: Instance | undefined; readonly what: string; readonly why: string }[];
  /** Parts whose digest nobody knows: found here, never installed by Holdfast, not in the repository. */
  readonly unknown: readonly Instance[];
  readonly checkedBytes: number;
}

/** Places that hold wrong bytes. What is missing needs no mark: every look sees it. */
export function damagedPlaces(proof: Proof): readonly string[] {
  return proof.damaged.flatMap(({ instance, what }) => (instance === undefined ? [] : [what]));
}

/** What is at a place now, read past the page cache where that can be done. */
export async function digestPlace(
  session: Session,
  place: Place,
  like: ContentDigest | undefined,
): Promise<ContentDigest> {
  const { disk, volumes, progress } = session.machine;
  if (place.kind === "tree") return { kind: "tree", sha256: await digestTree(session, place.path) };
  await using file =
    place.kind === "file"
      ? await disk.open(place.path, "medium")
      : await volumes.openPartition(place.device, place.number, "medium");
  const sizeBytes = place.kind === "partition" && like?.kind === "bytes" ? like.sizeBytes : await file.size();
  const sha256 = await digestFile(session, file, sizeBytes, (done) =>
    progress.report({ kind: "bytes", done, total: sizeBytes }),
  );
  return { kind: "bytes", sha256, sizeBytes };
}

export function sameContent(a: ContentDigest, b: ContentDigest): boolean {
  return a.kind === b.kind && a.sha256 === b.sha256;
}

/** The stamp under which a place's digest stays believed; asked after the digest was taken. */
export async function stampOf(session: Session, place: Place): Promise<string | undefined> {
  if (place.kind === "partition") return stampOfSlot(session, place);
  return (await session.machine.disk.stat(place.path))?.stamp;
}

/** What the repository says a resource is to be, where its bytes are installed as they travel. */
function digestOffered(offer: Offer | undefined, place: Place): ContentDigest | undefined {
  if (offer?.sha256 === undefined || offer.shape.kind !== "bytes" || offer.shape.compression !== undefined)
    return undefined;
  if (place.kind === "partition" && offer.sizeBytes === undefined) return undefined;
  return { kind: "bytes", sha256: offer.sha256, sizeBytes: offer.sizeBytes ?? 0 };
}

interface Judged {
  readonly record: ResourceRecord | undefined;
  readonly problem: string | undefined;
  readonly bytes: number;
}

/**
 * A reading that fails or does not fit is taken once more: a bit that a line got wrong is no damage, and mending what is
 * whole would take a good entry off an ESP for a moment (P3). With nothing to compare it with, two of three readings must be
 * alike: what is recorded now is what it will have to be for good (P4). A Fault where it cannot be read.
 */
async function digestTwice(
  session: Session,
  place: Place,
  expected: ContentDigest | undefined,
): Promise<ContentDigest | Fault> {
  const read = async (): Promise<ContentDigest | Fault> => {
    try {
      return await digestPlace(session, place, expected);
    } catch (error) {
      if (error instanceof Fault && error.code !== "no-permission") return error;
      throw error;
    }
  };
  const alike = (a: ContentDigest | Fault | undefined, b: ContentDigest | Fault): boolean =>
    a !== undefined && !(a instanceof Fault) && !(b instanceof Fault) && sameContent(a, b);
  const first = await read();
  if (alike(expected, first)) return first;
  const second = await read();
  if (expected !== undefined || alike(first, second)) return second;
  const third = await read();
  if (third instanceof Fault || alike(first, third) || alike(second, third)) return third;
  return new Fault("io-error", `Cannot adopt ${describePlace(place)}: two readings of it differ`, {
    hint: "Look for errors of the disk in the kernel's log, and try again.",
  });
}

async function judgeInstance(
  session: Session,
  observation: Observation,
  instance: Instance,
  record: ResourceRecord | undefined,
  adopt: boolean,
): Promise<Judged> {
  const { situation } = observation;
  const transfer = situation.transfers.find(({ id }) => id === instance.transfer);
  const found = situation.catalog?.releases
    .find(({ version }) => version === instance.version)
    ?.offers.find(({ transfer: id }) => id === instance.transfer);
  // A partition is longer than what it holds: its digest is that of the size on offer.
  const measured = record === undefined && instance.place.kind === "partition" && found !== undefined;
  const offer = measured ? await measureOffer(session, found) : found;
  const expected = record?.content ?? digestOffered(offer, instance.place);
  if (expected === undefined && !adopt) return { record: undefined, problem: undefined, bytes: 0 };
  // Nobody vouches for it, and it was found empty: not even what runs is believed to be so (E12, P4).
  if (expected === undefined && situation.soundness.get(instance) === "damaged")
    return { record: undefined, problem: "it is empty", bytes: 0 };
  const now = await digestTwice(session, instance.place, expected);
  if (now instanceof Fault) return { record: undefined, problem: now.message, bytes: 0 };
  const bytes = now.kind === "bytes" ? now.sizeBytes : 0;
  if (expected !== undefined && !sameContent(expected, now)) {
    // Nobody signed the size that the server told: with a wrong one every digest is another, and that condemns nothing.
    if (measured && !adopt) return { record: undefined, problem: undefined, bytes };
    return { record: undefined, problem: "its bytes are not what they were when it was installed", bytes };
  }
  const trust: Trust =
    record?.trust ??
    (offer?.sha256 === undefined || expected === undefined
      ? "adopted"
      : offer.evidence === "signed"
        ? "proven"
        : "unproven");
  const stamp = await stampOf(session, instance.place);
  return {
    record: {
      ...(record ?? {
        transfer: instance.transfer,
        role: transfer === undefined ? "image" : roleOf(transfer.target),
        ...(offer !== undefined && expected !== undefined ? { sourceName: offer.name } : {}),
        ...(offer?.sha256 !== undefined && expected !== undefined ? { sourceSha256: offer.sha256 } : {}),
      }),
      place: instance.place,
      content: now,
      trust,
      ...(stamp === undefined ? {} : { stamp }),
      verifiedAtMs: session.machine.clock.nowMs(),
    },
    problem: undefined,
    bytes,
  };
}

/** Whether a record of these resources tells everything that a version needs under the enabled definitions. */
function listsAll(transfers: readonly Transfer[], resources: readonly ResourceRecord[]): boolean {
  return transfers.every(({ id }) => resources.some(({ transfer }) => transfer === id));
}

/** Where a recorded entry lies since its boots are counted: the name in the record is then no longer its own. */
function entryWithOtherCounter(
  situation: Situation,
  version: Version,
  { role, place }: ResourceRecord,
): Place | undefined {
  if (role !== "entry" || place.kind !== "file") return undefined;
  const id = parseEntryName(nameOf(place.path))?.id;
  const node = situation.graph.nodes.find(
    (item) => item.version === version && item.entry.id === id && folderOf(item.entry.path) === folderOf(place.path),
  );
  return node === undefined ? undefined : { kind: "file", path: node.entry.path };
}

/**
 * Reads a whole version. With `adopt`, parts that nobody vouches for are believed as they are and digested, to be
 * shown as adopted from now on. What was learnt is recorded, so that the next look need not read everything again.
 * With `changedOnly`, what was read before and has not changed since is believed.
 */
export async function proveVersion(
  session: Session,
  observation: Observation,
  version: Version,
  options: { readonly adopt: boolean; readonly save: boolean; readonly changedOnly?: boolean },
): Promise<Proof> {
  const { situation } = observation;
  const before = situation.versions.get(version);
  const damaged: Proof["damaged"][number][] = [];
  const unknown: Instance[] = [];
  const resources: ResourceRecord[] = [];
  let checkedBytes = 0;
  const instances = instancesOf(situation, version);
  for (const instance of instances) {
    const record = before?.resources.find(({ transfer }) => transfer === instance.transfer);
    if (options.changedOnly === true && record !== undefined && situation.soundness.get(instance) === "verified") {
      resources.push(record);
      continue;
    }
    const judged = await judgeInstance(session, observation, instance, record, options.adopt);
    checkedBytes += judged.bytes;
    if (judged.problem !== undefined)
      damaged.push({ instance, what: describePlace(instance.place), why: judged.problem });
    else if (judged.record === undefined) unknown.push(instance);
    if (judged.record !== undefined) resources.push(judged.record);
    else if (record !== undefined) resources.push(record);
  }
  // What was recorded and is not found by today's definitions is still part of the version.
  for (const record of before?.resources ?? []) {
    if (instances.some(({ transfer }) => transfer === record.transfer)) continue;
    const renamed = entryWithOtherCounter(situation, version, record);
    if (renamed !== undefined) {
      // Its definition has another name now: under that it is part of the version once, not twice.
      if (!resources.some(({ place }) => samePlace(place, renamed))) resources.push({ ...record, place: renamed });
      continue;
    }
    const stat = record.place.kind === "partition" ? undefined : await session.machine.disk.stat(record.place.path);
    if (record.place.kind !== "partition" && stat === undefined)
      damaged.push({ instance: undefined, what: describePlace(record.place), why: "it is missing" });
    resources.push(record);
  }
  for (const node of situation.graph.nodes.filter((item) => item.version === version)) {
    // What the firmware refuses to start may well be what was installed.
    if (node.entry.loadable.kind !== "yes" && node.entry.loadable.kind !== "refused")
      damaged.push({ instance: undefined, what: node.entry.path, why: node.entry.loadable.why });
    for (const need of node.needs) {
      if (need.soundness === "missing" && !damaged.some(({ what }) => what === need.what))
        damaged.push({ instance: undefined, what: need.what, why: "it is missing" });
    }
  }
  if (options.save && resources.length > 0) {
    const { partial, ...rest } = before ?? {
      format: 1 as const,
      version,
      installedAtMs: session.machine.clock.nowMs(),
    };
    const isPartial = (before === undefined || partial === true) && !listsAll(situation.transfers, resources);
    await saveVersion(session, { ...rest, ...(isPartial ? { partial: true } : {}), resources });
  }
  return { version, trust: trustOf(resources), damaged, unknown, checkedBytes };
}
