// Repair: brings missing or damaged parts of an installed version in again, beside what is there, and swaps them (P3).
import { Fault } from "../../base/fault.ts";
import type { Sha256, Version } from "../../base/ids.ts";
import { destinationOf } from "../../domain/destination.ts";
import type { Destination } from "../../domain/plan.ts";
import type { ResourceRecord, VersionRecord } from "../../domain/records.ts";
import type { Offer, Place, Release } from "../../domain/resource.ts";
import { roleOrder } from "../../domain/resource.ts";
import type { Instance } from "../../domain/resource.ts";
import { instancesOf, type Situation } from "../../domain/situation.ts";
import { stillToDo } from "../../domain/still-to-do.ts";
import type { Transfer } from "../../format/definitions.ts";
import { acquire } from "../acquire/acquire.ts";
import type { KnownManifests } from "../acquire/ways/release-manifest.ts";
import { surveyWays } from "../acquire/ways/survey.ts";
import type { Way } from "../acquire/ways/way.ts";
import { forgetSource } from "../acquire/forget-source.ts";
import { install, type InstallRequest, recordOf } from "./install.ts";
import { record } from "../state/journal.ts";
import { measureRelease } from "../acquire/measure.ts";
import { type Observation, observeAgain } from "../observe/observe.ts";
import { digestPlace, proveVersion, sameContent } from "./prove.ts";
import type { Session } from "../session.ts";
import { saveVersion } from "../state/state.ts";

/** Only bytes that are the version's own: what the repository offers under its name must be what was installed. */
function isSame(situation: Situation, release: Release): boolean {
  const records = situation.versions.get(release.version)?.resources ?? [];
  return release.offers.every((offer) => {
    const known = records.find(({ transfer }) => transfer === offer.transfer)?.sourceSha256;
    return known === undefined || offer.sha256 === undefined || known === offer.sha256;
  });
}

/** A damaged part is replaced where it lies: an entry keeps the name it has, counter and all. */
function keepPlace(destination: Destination, there: Instance | undefined): Destination {
  return there === undefined ? destination : { ...destination, place: there.place };
}

export type Mended =
  | { readonly kind: "mended"; readonly observation: Observation }
  /** Asking again does not help. `why` is a clause. */
  | { readonly kind: "beyond-repair"; readonly why: string }
  /** Its bytes could not be had this time: another run may mend it. */
  | { readonly kind: "not-now"; readonly why: string };

const beyondRepair = (why: string): Mended => ({ kind: "beyond-repair", why });

/** Mends a version from the repository, whose catalog is in `before`. */
export async function repairVersion(session: Session, before: Observation, version: Version): Promise<Mended> {
  const offered = before.situation.catalog?.releases.find((release) => release.version === version);
  if (offered === undefined) return beyondRepair("the repository does not offer it");
  const requests: InstallRequest[] = [];
  const known: KnownManifests = new Map();
  try {
    const release = await measureRelease(session, offered);
    if (!isSame(before.situation, release)) return beyondRepair("the repository has other bytes under its name");
    for (const { transfer, offer } of stillToDo(before.situation, release)) {
      if (await isWholeAlready(session, before, transfer, offer)) continue;
      const taken = requests.map(({ destination }) => destination.place);
      const request = await bringIn(session, before, transfer, offer, taken, known);
      if (request === undefined) return beyondRepair(`nothing can be written for ${transfer.id} beside what is there`);
      requests.push(request);
    }
  } catch (error) {
    if (!(error instanceof Fault) || session.signal.aborted) throw error;
    session.machine.progress.report({
      kind: "warning",
      text: `Version ${version} cannot be repaired: ${error.message}`,
    });
    return { kind: "not-now", why: error.message };
  }
  requests.sort((a, b) => roleOrder.indexOf(a.destination.role) - roleOrder.indexOf(b.destination.role));
  for (const request of requests) await swapIn(session, before, version, request);
  if (requests.length > 0)
    await record(session, "repaired", version, `Repaired ${requests.map(({ offer }) => offer.name).join(", ")}`);
  const after = await observeAgain(session, { ...before, damaged: new Set() });
  const proof = await proveVersion(session, after, version, { adopt: false, save: true });
  return proof.damaged.length === 0 && proof.unknown.length === 0
    ? { kind: "mended", observation: await observeAgain(session, after) }
    : beyondRepair("what was brought in for it does not make it whole");
}

/**
 * Only a record of it is missing: what is there has the bytes on offer, and swapping them for the same would take a good
 * entry off an ESP for a moment (P3). A partition is longer than what it holds, and is read when it is proven.
 */
async function isWholeAlready(
  session: Session,
  { situation }: Observation,
  transfer: Transfer,
  { version, shape, sha256 }: Offer,
): Promise<boolean> {
  const there = instancesOf(situation, version).find((instance) => instance.transfer === transfer.id);
  if (there?.place.kind !== "file" || situation.soundness.get(there) !== "unknown") return false;
  if (shape.kind !== "bytes" || shape.compression !== undefined || sha256 === undefined) return false;
  const content = { kind: "bytes", sha256, sizeBytes: there.sizeBytes } as const;
  try {
    return sameContent(await digestPlace(session, there.place, content), content);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return false; // what cannot be read is brought in anew
  }
}

async function bringIn(
  session: Session,
  observation: Observation,
  transfer: Transfer,
  offer: Offer,
  taken: readonly Place[],
  known: KnownManifests,
): Promise<InstallRequest | undefined> {
  const { situation } = observation;
  const there = instancesOf(situation, offer.version).find((instance) => instance.transfer === transfer.id);
  const destination = destinationOf(
    situation,
    transfer,
    offer,
    offer.sha256 as Sha256,
    new Set([offer.version]),
    taken,
  );
  const target = situation.targets.get(transfer.id);
  // A damaged partition cannot be mended beside itself: writing it would leave nothing to boot meanwhile.
  if (
    destination === undefined ||
    target === undefined ||
    (destination.place.kind === "partition" && there !== undefined)
  )
    return undefined;
  const seedFiles = session.settings.seedFiles ?? [];
  const gone = [destination.place];
  const ways = async (keptBytes: number): Promise<readonly Way[] | undefined> =>
    (await surveyWays(session, { offer, situation, gone, keptBytes, seedFiles, known, thorough: false }))?.ways;
  const acquired = await acquire(session, { transfer, offer, destination, target, ways });
  return { transfer, offer, destination: keepPlace(destination, there), ...acquired };
}

/**
 * Recorded before it gets its name, and once it is proven: from then on the version may boot, and what runs from a
 * partition is proven from its bytes and never written anew (P1, P7). Its bytes were proven on the way here: a version
 * of which a power cut now takes a part was whole once, and the next repair brings the part back (P6).
 */
async function swapIn(
  session: Session,
  observation: Observation,
  version: Version,
  request: InstallRequest,
): Promise<void> {
  const { transfer, offer } = request;
  const known = await recordNow(session, observation, version);
  const before = known.resources.find((resource) => resource.transfer === transfer.id);
  if (before === undefined || !sameContent(before.content, request.content))
    await saveVersion(
      session,
      withResource(known, { ...recordOf(request), verifiedAtMs: session.machine.clock.nowMs() }),
    );
  const done = await install(session, request);
  await saveVersion(session, withResource(await recordNow(session, observation, version), done));
  const target = observation.situation.targets.get(transfer.id);
  if (target !== undefined) await forgetSource(session, offer, target);
}

async function recordNow(session: Session, observation: Observation, version: Version): Promise<VersionRecord> {
  const { situation } = await observeAgain(session, observation);
  const installedAtMs = session.machine.clock.nowMs();
  return situation.versions.get(version) ?? { format: 1, version, installedAtMs, resources: [] };
}

function withResource(record: VersionRecord, resource: ResourceRecord): VersionRecord {
  const others = record.resources.filter(({ transfer }) => transfer !== resource.transfer);
  return { ...record, resources: [...others, resource] };
}
