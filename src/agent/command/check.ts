// `check`: is there a newer version, what would it cost, what does it say of itself?
import type { Version } from "../../base/ids.ts";
import { isUnproven } from "../boot/offer-again.ts";
import { chooseRelease, newestWhole } from "../../domain/choose-release.ts";
import { planUpdate } from "../../domain/planner.ts";
import type { Release } from "../../domain/resource.ts";
import { isRepublished } from "../../domain/still-to-do.ts";
import { instancesOf, isWhole, type Situation } from "../../domain/situation.ts";
import type { CheckReport } from "../../wire/reports.ts";
import { retreatOf } from "../../domain/withdrawn.ts";
import { measureRelease } from "../acquire/measure.ts";
import { estimateOf } from "../acquire/ways/estimate.ts";
import { type Observation, observe } from "../observe/observe.ts";
import { rememberCatalog } from "../state/remember.ts";
import type { Session } from "../session.ts";
import { afterRetreat, takenBack } from "./leave-withdrawn.ts";

/** `@v` in a URL stands for the version. */
export function notesOf(observation: Observation, version: string): readonly string[] {
  const urls = observation.situation.transfers.flatMap((transfer) => transfer.changeLog);
  return [...new Set(urls.map((url) => url.replaceAll("@v", encodeURIComponent(version))))];
}

interface Cost extends Partial<Pick<CheckReport, "downloadIsAtMost" | "wholeBytes">> {
  readonly downloadBytes: number | undefined;
  readonly diskBytes: number | undefined;
}

async function costOf(session: Session, situation: Situation, release: Release): Promise<Cost> {
  const own = instancesOf(situation, release.version);
  const wanted = release.offers.filter((offer) => !own.some((instance) => instance.transfer === offer.transfer));
  const sum = (sizes: readonly (number | undefined)[]): number | undefined => {
    return sizes.some((size) => size === undefined)
      ? undefined
      : sizes.reduce<number>((total, size) => total + (size ?? 0), 0);
  };
  const direct = (offer: Release["offers"][number]): number | undefined =>
    offer.fields.sizeBytes ??
    (offer.shape.kind === "bytes" && offer.shape.compression === undefined ? offer.sizeBytes : undefined);
  const diskBytes = sum(wanted.map(direct));
  const planned = planUpdate(situation, release, { acquireOnly: false });
  // A refusal is for `update` to tell; what there is to download does not depend on it.
  if (planned.kind !== "plan") return { downloadBytes: sum(wanted.map(({ sizeBytes }) => sizeBytes)), diskBytes };
  const { bytes, atMost, wholeBytes } = await estimateOf(session, situation, planned.plan);
  return {
    downloadBytes: bytes,
    ...(atMost ? { downloadIsAtMost: true as const } : {}),
    ...(wholeBytes === undefined || wholeBytes === bytes ? {} : { wholeBytes }),
    diskBytes,
  };
}

/** Installed and given up without evidence: the next update gives it its tries once more, and fetches nothing (P8). */
function againReport(
  common: Pick<CheckReport, "installed" | "signedAtMs" | "signer">,
  observation: Observation,
  version: Version,
  notices: readonly string[],
): CheckReport {
  return {
    ...common,
    available: version,
    because: `version ${version} is installed; its boots ended without a verdict, and an update tries it once more`,
    downloadBytes: 0,
    diskBytes: 0,
    notes: notesOf(observation, version),
    notices,
  };
}

export async function checkReport(session: Session): Promise<CheckReport> {
  const seen = await observe(session, { catalog: true });
  await rememberCatalog(session, seen);
  const retreat = retreatOf(seen.situation);
  const observation = retreat === undefined ? seen : afterRetreat(seen, retreat);
  const { situation } = observation;
  // A hold or a trial stops updates; it does not change what is on offer.
  const free = { ...situation, hold: undefined, running: { ...situation.running, onTrial: false } };
  const choice = chooseRelease(free, undefined);
  const signed = situation.catalog?.manifests.find(({ signedAtMs }) => signedAtMs !== undefined);
  const common = {
    installed: newestWhole(situation),
    signedAtMs: signed?.signedAtMs,
    signer: signed?.signer,
  };
  const nothing = (because: string, notices: readonly string[]): CheckReport => ({
    ...common,
    available: undefined,
    because,
    downloadBytes: undefined,
    diskBytes: undefined,
    notes: [],
    notices,
  });
  const left = retreat === undefined ? undefined : takenBack(retreat.from);
  if (choice.kind !== "release") {
    return choice.kind === "refused" ? nothing(choice.refusal.message, []) : nothing(choice.why, choice.notices);
  }
  const { version } = choice.release;
  if (isWhole(situation, version) && !isRepublished(situation, choice.release)) {
    if (retreat !== undefined) return nothing(`${left}; an update goes back to ${retreat.to}`, choice.notices);
    if (isUnproven(observation, version)) return againReport(common, observation, version, choice.notices);
    return nothing(`version ${version} is the newest on offer and is installed`, choice.notices);
  }
  const release = await measureRelease(session, choice.release);
  return {
    ...common,
    available: version,
    because: `version ${version} is on offer`,
    ...(await costOf(session, free, release)),
    notes: notesOf(observation, version),
    notices: left === undefined ? choice.notices : [`${left}.`, ...choice.notices],
  };
}
