// `vacuum`: removes old versions whole, entry first, and what is left over; never below the way back (P2, P3).
import { Fault } from "../../base/fault.ts";
import type { Version } from "../../base/ids.ts";
import { isComplete } from "../../domain/boot-graph.ts";
import { nothingTakenFromUnder } from "../../domain/promises.ts";
import type { Removal } from "../../domain/plan.ts";
import { sweepable } from "../../domain/planner.ts";
import { removalOf } from "../../domain/removal.ts";
import { chooseRetired } from "../../domain/retire.ts";
import { hasEntries, isProtected } from "../../domain/situation.ts";
import type { VacuumReport } from "../../wire/reports.ts";
import { clear, sweep } from "../install/clear.ts";
import { closeEsp, openEsp } from "../install/esp-guard.ts";
import { titleOf } from "../install/step-title.ts";
import { record } from "../state/journal.ts";
import { locked } from "../state/locked.ts";
import { type Observation, observe, observeAgain } from "../observe/observe.ts";
import { observeWithVouchers } from "../observe/observe-with-vouchers.ts";
import { proveVersion } from "../install/prove.ts";
import { nextInUse, wayBackOf } from "./report-lines.ts";
import { settle } from "../install/settle.ts";
import type { Session } from "../session.ts";
import { saveVersion } from "../state/state.ts";

/** Versions that stay whatever the count, and why. */
function kept(observation: Observation): ReadonlyMap<Version, string> {
  const { situation } = observation;
  const reasons = new Map<Version, string>();
  for (const { version } of situation.inventory.instances)
    if (isProtected(situation, version)) reasons.set(version, "a definition protects it");
  for (const version of situation.pins) reasons.set(version, "it is pinned");
  for (const version of situation.linked.values()) reasons.set(version, "it is in use");
  const wayBack = wayBackOf(observation);
  if (wayBack !== undefined) reasons.set(wayBack, "it is the way back");
  const next = nextInUse(observation);
  const isBroken = situation.graph.nodes.some((node) => node.version === next && !isComplete(node));
  if (next !== undefined && !isBroken) reasons.set(next, hasEntries(situation) ? "it boots next" : "it is in use");
  if (situation.running.version !== undefined) reasons.set(situation.running.version, "it is running");
  return reasons;
}

function removalsOf(observation: Observation): readonly Removal[] {
  return chooseRetired(observation.situation, undefined, new Set(kept(observation).keys()), new Set());
}

/**
 * What is to stay is read first where it is in doubt: of versions that all look whole the only one that boots must
 * not be the one to go (P3). Versions are read once at most, so this ends.
 */
async function proveWhatStays(session: Session, before: Observation): Promise<Observation> {
  const read = new Set<Version>();
  for (let observation = before; ; ) {
    const going = new Set(removalsOf(observation).map(({ version }) => version));
    const { inventory, soundness } = observation.situation;
    const doubtful = inventory.instances.find(
      (instance) =>
        !going.has(instance.version) &&
        !read.has(instance.version) &&
        ["unknown", "unchecked"].includes(soundness.get(instance) ?? "unknown"),
    );
    if (going.size === 0 || doubtful === undefined) return observation;
    read.add(doubtful.version);
    const proof = await proveVersion(session, observation, doubtful.version, { adopt: false, save: true });
    observation = await observeAgain(session, observation, { damaged: proof.damaged.map(({ what }) => what) });
  }
}

async function remove(session: Session, before: Observation, removal: Removal): Promise<Observation> {
  const observation = await observeAgain(session, before);
  const promise = nothingTakenFromUnder({ graph: observation.situation.graph, removals: [removal] });
  if (!promise.holds)
    throw new Fault("removal-refused", `Cannot remove version ${removal.version}: ${promise.sentence}`, {
      hint: "Run holdfast doctor.",
      kind: "refused",
    });
  session.machine.progress.report({ kind: "note", text: titleOf({ kind: "clear", removal }) });
  const transfers = [...observation.situation.transfers, ...observation.definitions.disabled];
  await clear(session, removal, transfers, observation.situation.targets, removal.why !== "disabled-feature");
  await record(session, "removed", removal.version, titleOf({ kind: "clear", removal }));
  return observation;
}

/** Resources of switched-off features: first no longer counted as needed, then removed. */
async function removeDisabled(session: Session, observation: Observation): Promise<number> {
  const { situation } = observation;
  const versions = [...new Set(situation.disabled.instances.map(({ version }) => version))];
  for (const version of versions) {
    const instances = situation.disabled.instances.filter((instance) => instance.version === version);
    const known = situation.versions.get(version);
    const gone = new Set(instances.map(({ transfer }) => transfer));
    if (known !== undefined)
      await saveVersion(session, {
        ...known,
        resources: known.resources.filter(({ transfer }) => !gone.has(transfer)),
      });
    await remove(session, observation, removalOf(situation, version, "disabled-feature", instances));
  }
  return situation.disabled.instances.length;
}

export async function vacuumMachine(session: Session): Promise<VacuumReport> {
  return locked(session, "vacuum", async () => {
    let { observation } = await settle(session, await observe(session, { catalog: false }));
    if (removalsOf(observation).length > 0)
      observation = await proveWhatStays(session, await observeWithVouchers(session));
    await openEsp(session, observation);
    const reasons = kept(observation);
    const removals = removalsOf(observation);
    const removed: VacuumReport["removed"][number][] = [];
    for (const removal of removals) {
      observation = await remove(session, observation, removal);
      removed.push({
        version: removal.version,
        why: removal.why,
        freedBytes: removal.instances.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      });
    }
    observation = await observeAgain(session, observation);
    const disabledInstances = await removeDisabled(session, observation);
    const leftovers = sweepable(observation.situation, new Set());
    const transfers = [...observation.situation.transfers, ...observation.definitions.disabled];
    const sweptLeftovers = await sweep(session, leftovers, transfers);
    await closeEsp(session, observation);
    const keptLines = [...new Set(observation.situation.inventory.instances.map(({ version }) => version))]
      .filter((version) => !removed.some((line) => line.version === version))
      .map((version) => ({ version, because: reasons.get(version) ?? "there is room for it" }));
    return { removed, sweptLeftovers, kept: keptLines, disabledInstances };
  });
}
