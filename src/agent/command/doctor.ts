// `doctor`: audits every boot entry and everything it needs; `--repair` mends what can be mended.
// Works on the tree of a machine that is switched off as it does on a live one.
import type { Version } from "../../base/ids.ts";
import { folderOf } from "../../base/machine-path.ts";
import { isComplete } from "../../domain/boot-graph.ts";
import type { Finding } from "../../domain/findings.ts";
import { sweepable } from "../../domain/planner.ts";
import { removalOf } from "../../domain/removal.ts";
import { everythingOf, instancesOf, type Situation } from "../../domain/situation.ts";
import { surplusNames } from "../../domain/twins.ts";
import { newestFirst } from "../../domain/version-order.ts";
import type { DoctorReport } from "../../wire/reports.ts";
import { readKnownGood } from "../boot/esp-notes.ts";
import { clear, sweep } from "../install/clear.ts";
import { findingsOf } from "../observe/diagnosis.ts";
import { initrdFindings } from "../observe/initrd-findings.ts";
import { closeEsp, openEsp } from "../install/esp-guard.ts";
import { record } from "../state/journal.ts";
import { locked } from "../state/locked.ts";
import { type Observation, observe, observeAgain } from "../observe/observe.ts";
import { observeWithSources } from "../observe/observe-with-sources.ts";
import { damagedPlaces, proveVersion } from "../install/prove.ts";
import { rememberCatalog } from "../state/remember.ts";
import { repairVersion } from "../install/repair.ts";
import { revive, versionToRevive } from "../install/revive.ts";
import { menuLines } from "./report-lines.ts";
import type { Session } from "../session.ts";
import { settle } from "../install/settle.ts";

export interface DoctorOptions {
  /** Read everything, not only what changed since it was last read. */
  readonly deep: boolean;
  readonly repair: boolean;
}

/**
 * Versions to read: all of them with `deep`, otherwise those of which something may have changed, and, where the
 * repository was asked, those that nobody has vouched for yet.
 */
function versionsToRead(observation: Observation, deep: boolean): readonly Version[] {
  const { situation } = observation;
  const doubtful = situation.inventory.instances.filter(
    (instance) =>
      deep ||
      situation.soundness.get(instance) === "unchecked" ||
      (situation.catalog !== undefined && situation.soundness.get(instance) === "unknown"),
  );
  return [...new Set(doubtful.map(({ version }) => version))].sort(newestFirst);
}

interface Examined {
  readonly observation: Observation;
  readonly checkedBytes: number;
}

async function examine(session: Session, before: Observation, deep: boolean, save: boolean): Promise<Examined> {
  const damaged: string[] = [];
  let checkedBytes = 0;
  const versions = versionsToRead(before, deep);
  for (const [at, version] of versions.entries()) {
    const title = `Read version ${version}`;
    session.machine.progress.report({ kind: "step", index: at + 1, count: versions.length, title });
    const proof = await proveVersion(session, before, version, { adopt: false, save });
    checkedBytes += proof.checkedBytes;
    damaged.push(...damagedPlaces(proof));
    session.machine.progress.report({ kind: "step-done", index: at + 1, count: versions.length, title });
  }
  return {
    observation: versions.length === 0 ? before : await observeAgain(session, before, { damaged }),
    checkedBytes,
  };
}

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

/** An entry that cannot be saved goes, so that the loader does not waste a boot on it; never the running version's. */
async function dropVersion(session: Session, observation: Observation, version: Version): Promise<boolean> {
  const { situation } = observation;
  if (version === situation.running.version || situation.pins.has(version)) return false;
  const others = situation.graph.nodes.some(
    (node) => node.version !== undefined && node.version !== version && isComplete(node),
  );
  if (!others) return false;
  const removal = removalOf(situation, version, "broken", everythingOf(situation, version));
  await clear(session, removal, [...situation.transfers, ...observation.definitions.disabled], situation.targets, true);
  await record(session, "removed", version, `Removed version ${version}: it could not be repaired`);
  return true;
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

async function repairAll(
  session: Session,
  first: Observation,
): Promise<{ readonly observation: Observation; readonly repaired: readonly string[] }> {
  const repaired = [...(await dropSurplusNames(session, first))];
  let observation = repaired.length === 0 ? first : await observeAgain(session, first);
  for (const version of brokenVersions(observation)) {
    const mended = await repairVersion(session, observation, version);
    // An entry that the repair brought in before it gave up goes first with the rest (P2).
    observation = mended ?? (await observeAgain(session, observation));
    if (mended !== undefined) {
      repaired.push(`Version ${version} was damaged and is whole again.`);
    } else if (await dropVersion(session, observation, version)) {
      observation = await observeAgain(session, observation);
      repaired.push(`Version ${version} could not be repaired and was removed, its boot entry first.`);
    }
  }
  const sweepables = sweepable(observation.situation, new Set());
  const swept = await sweep(session, sweepables, [
    ...observation.situation.transfers,
    ...observation.definitions.disabled,
  ]);
  if (swept > 0) repaired.push(`${swept} left-over ${swept === 1 ? "item was" : "items were"} removed.`);
  observation = await observeAgain(session, observation);
  const version = versionToRevive(observation, { knownGood: await readKnownGood(session, observation) });
  if (version === undefined) return { observation, repaired };
  return {
    observation: await revive(session, observation, version),
    repaired: [...repaired, `All boot entries were marked bad; version ${version} boots again.`],
  };
}

/** The sources are asked only for a repair. */
async function withSources(session: Session, repair: boolean): Promise<Observation> {
  if (!repair) return observe(session, { catalog: false });
  const { observation, problem } = await observeWithSources(session);
  if (problem === undefined) await rememberCatalog(session, observation);
  else
    session.machine.progress.report({
      kind: "warning",
      text: `Nothing can be fetched for the repair: ${problem.message}`,
    });
  return observation;
}

function report(
  options: DoctorOptions,
  findings: readonly Finding[],
  examined: Examined,
  repaired: readonly string[],
): DoctorReport {
  return {
    healthy: !findings.some(({ severity }) => severity === "error"),
    deep: options.deep,
    findings,
    repaired,
    checkedBytes: examined.checkedBytes,
    menu: menuLines(examined.observation),
  };
}

async function allFindings(session: Session, observation: Observation): Promise<readonly Finding[]> {
  return [
    ...(await findingsOf(session, observation, { volumes: true })),
    ...(await initrdFindings(session, observation)),
  ];
}

export async function doctorMachine(session: Session, options: DoctorOptions): Promise<DoctorReport> {
  if (!options.repair) {
    const examined = await examine(session, await withSources(session, false), options.deep, false);
    return report(options, await allFindings(session, examined.observation), examined, []);
  }
  return locked(session, "doctor", async () => {
    const { observation, repaired: settled } = await settle(session, await withSources(session, true));
    await openEsp(session, observation);
    const examined = await examine(session, observation, options.deep, true);
    const mended = await repairAll(session, examined.observation);
    await closeEsp(session, mended.observation);
    const findings = await allFindings(session, mended.observation);
    const repaired = settled
      ? ["The file system of the boot partition was checked and repaired.", ...mended.repaired]
      : mended.repaired;
    return report(
      options,
      findings,
      { observation: mended.observation, checkedBytes: examined.checkedBytes },
      repaired,
    );
  });
}
