// The repair of `doctor --repair`: whole again what the repository can mend; out of the menu what it cannot (P1, P3).
import type { Fault } from "../../base/fault.ts";
import type { Version } from "../../base/ids.ts";
import { folderOf } from "../../base/machine-path.ts";
import { isComplete } from "../../domain/boot-graph.ts";
import { type Finding, finding } from "../../domain/findings.ts";
import { sweepable } from "../../domain/planner.ts";
import { hidingOf, removalOf } from "../../domain/removal.ts";
import { everythingOf, instancesOf, type Situation } from "../../domain/situation.ts";
import { surplusNames } from "../../domain/twins.ts";
import { newestFirst } from "../../domain/version-order.ts";
import { readKnownGood } from "../boot/esp-notes.ts";
import { type Observation, observeAgain } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { record } from "../state/journal.ts";
import { clear, sweep } from "./clear.ts";
import { type Mended, repairVersion } from "./repair.ts";
import { revive, versionToRevive } from "./revive.ts";

function brokenVersions(observation: Observation): readonly Version[] {
  const { situation } = observation;
  const byEntry = situation.graph.nodes
    // What the firmware refuses to start is not mended by bringing the same bytes in again.
    .filter((node) => node.version !== undefined && !isComplete(node) && node.entry.loadable.kind !== "refused")
    .map((node) => node.version as Version);
  const byInstance = situation.inventory.instances
    .filter((instance) => situation.soundness.get(instance) === "damaged")
    .map(({ version }) => version);
  return [...new Set([...byEntry, ...byInstance, ...halfGone(situation)])].sort(newestFirst);
}

/**
 * Versions that were whole once and lack a part now: an entry that a power cut took in the middle of its repair is in
 * no menu any more, and only the record tells of it.
 */
function halfGone(situation: Situation): readonly Version[] {
  return [...situation.versions.values()]
    .filter(({ resources }) => resources.every(({ verifiedAtMs }) => verifiedAtMs !== undefined))
    .filter(({ version, resources }) => {
      const here = new Set(instancesOf(situation, version).map(({ transfer }) => transfer));
      const enabled = situation.transfers.filter(({ id }) => resources.some(({ transfer }) => transfer === id));
      return here.size > 0 && enabled.some(({ id }) => !here.has(id));
    })
    .map(({ version }) => version);
}

/** Whether something else boots without it: never the running version, nor one that is pinned. */
function mayLeaveTheMenu({ situation }: Observation, version: Version): boolean {
  if (version === situation.running.version || situation.pins.has(version)) return false;
  return situation.graph.nodes.some(
    (node) => node.version !== undefined && node.version !== version && isComplete(node),
  );
}

/**
 * An entry that cannot be saved goes, so that the loader does not waste a boot on it (P1). Everything else of the version
 * goes too, unless it may be repaired another time: then the rest is wanted (P3). Returns what was done, in a sentence.
 */
async function takeAway(
  session: Session,
  observation: Observation,
  version: Version,
  unmended: Exclude<Mended, { readonly kind: "mended" }>,
): Promise<string | undefined> {
  const { situation, definitions } = observation;
  if (!mayLeaveTheMenu(observation, version)) return undefined;
  const transfers = [...situation.transfers, ...definitions.disabled];
  if (unmended.kind === "beyond-repair") {
    const removal = removalOf(situation, version, "broken", everythingOf(situation, version));
    await clear(session, removal, transfers, situation.targets, true);
    await record(session, "removed", version, `Removed version ${version}: it could not be repaired`);
    return `Version ${version} could not be repaired and was removed, its boot entry first: ${unmended.why}.`;
  }
  const removal = hidingOf(situation, version);
  if (removal.instances.length === 0) return undefined;
  await clear(session, removal, transfers, situation.targets, false);
  await record(session, "removed", version, `Removed the boot entry of version ${version} until it can be repaired`);
  return `The boot entry of version ${version} was removed, so that nothing damaged is started; the rest of it stays.`;
}

/** The volume has been checked by now, so that removing one name does not cost the other its bytes. */
async function dropSurplusNames(session: Session, { situation }: Observation): Promise<readonly string[]> {
  const { disk } = session.machine;
  const repaired: string[] = [];
  for (const { path, fileName, id } of surplusNames(situation.graph)) {
    await disk.remove(path);
    await disk.syncFolder(folderOf(path));
    const text = `The boot entry ${id} had two names; ${fileName} was removed.`;
    await record(session, "repaired", undefined, text);
    repaired.push(text);
  }
  return repaired;
}

export interface Repaired {
  readonly observation: Observation;
  readonly repaired: readonly string[];
  /** What is left damaged, and why. */
  readonly findings: readonly Finding[];
}

/**
 * `problem`: why the sources could not be asked; then nothing is given up for want of them. The volumes have been checked,
 * and `first` has been read as far as it is in doubt.
 */
export async function repairAll(session: Session, first: Observation, problem: Fault | undefined): Promise<Repaired> {
  const repaired = [...(await dropSurplusNames(session, first))];
  const findings: Finding[] = [];
  let observation = repaired.length === 0 ? first : await observeAgain(session, first);
  let unfinished = false;
  for (const version of brokenVersions(observation)) {
    const mended: Mended =
      problem === undefined
        ? await repairVersion(session, observation, version)
        : { kind: "not-now", why: problem.message };
    if (mended.kind === "mended") {
      observation = mended.observation;
      repaired.push(`Version ${version} was damaged and is whole again.`);
      continue;
    }
    // An entry that the repair brought in before it gave up goes first with the rest (P2).
    observation = await observeAgain(session, observation);
    const done = await takeAway(session, observation, version, mended);
    if (done !== undefined) repaired.push(done);
    observation = await observeAgain(session, observation);
    unfinished ||= mended.kind === "not-now";
    if (mended.kind === "not-now" || done === undefined) findings.push(finding("not-repaired", version, mended.why));
  }
  // What a repair has brought in so far is gone on from the next time.
  const sweepables = unfinished ? [] : sweepable(observation.situation, new Set());
  const swept = await sweep(session, sweepables, [
    ...observation.situation.transfers,
    ...observation.definitions.disabled,
  ]);
  if (swept > 0) repaired.push(`${swept} left-over ${swept === 1 ? "item was" : "items were"} removed.`);
  observation = await observeAgain(session, observation);
  const version = versionToRevive(observation, { knownGood: await readKnownGood(session, observation) });
  if (version === undefined) return { observation, repaired, findings };
  return {
    observation: await revive(session, observation, version),
    repaired: [...repaired, `All boot entries were marked bad; version ${version} boots again.`],
    findings,
  };
}
