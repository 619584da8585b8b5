// The life of an update (DESIGN): observe, plan, prove the way back, acquire, install, audit, clear.
// Whatever stopped an earlier run, the state it left is observed like any other, and the work goes on from there (P6, P7).
import { exit } from "../../base/exit-code.ts";
import { Fault } from "../../base/fault.ts";
import { parseVersion, type Version } from "../../base/ids.ts";
import { chooseRelease } from "../../domain/choose-release.ts";
import { closeNotes, noteFallBackIfKnown } from "../boot/note-fall-back.ts";
import { isUnproven, offerAgain } from "../boot/offer-again.ts";
import { type Finding, finding } from "../../domain/findings.ts";
import type { NewsFacts } from "../../domain/news.ts";
import type { Plan, Planned, Refusal } from "../../domain/plan.ts";
import { planUpdate } from "../../domain/planner.ts";
import { planKeepsWayBack } from "../../domain/promises.ts";
import type { Release } from "../../domain/resource.ts";
import { hasEntries, instancesOf } from "../../domain/situation.ts";
import { isRepublished } from "../../domain/still-to-do.ts";
import { roleOf } from "../../domain/role.ts";
import { findingFault } from "../../domain/surroundings.ts";
import type { UpdateReport } from "../../wire/reports.ts";
import { demandAllRead, demandEnabled, readDefinitions } from "../observe/definitions.ts";
import { closeEsp, closingEsp, openEsp } from "../install/esp-guard.ts";
import { execute, type Outcome } from "../install/execute.ts";
import { findNowhere } from "../observe/surroundings.ts";
import { record } from "../state/journal.ts";
import { locked } from "../state/locked.ts";
import { measureRelease } from "../acquire/measure.ts";
import { type Observation, observe, observeAgain } from "../observe/observe.ts";
import { damagedPlaces, type Proof, proveVersion } from "../install/prove.ts";
import { brokenPromises } from "../install/promise-check.ts";
import { rememberCatalog } from "../state/remember.ts";
import { repairVersion } from "../install/repair.ts";
import { revive, versionToRevive } from "../install/revive.ts";
import { menuLines, nextVersion, planLines, spaceLines } from "./report-lines.ts";
import type { Session } from "../session.ts";
import { liftQuarantine } from "../state/state.ts";
import { leaveWithdrawn, nothingAfter, planLeaving } from "./leave-withdrawn.ts";
import { nothingReport, plannedReport } from "./update-report.ts";
import { installedLines } from "./installed-lines.ts";
import { withWays } from "./with-ways.ts";
import { settle } from "../install/settle.ts";
import { switchTo } from "../install/switch.ts";

export interface UpdateOptions {
  readonly version?: string;
  readonly dryRun?: boolean;
  readonly withoutWayBack?: boolean;
  /** Bring everything in, install nothing. */
  readonly acquireOnly?: boolean;
  /** Also where nothing starts what is installed, as systemd-sysupdate does. */
  readonly anywhere?: boolean;
}

/** A plan is made anew each time something turns out to be damaged; more often than this something else is wrong. */
const plansMax = 6;

function refusalFault(refusal: Refusal): Fault {
  return new Fault(refusal.code, refusal.message, {
    hint: refusal.hint,
    kind: refusal.code === "nothing-newer" ? "nothing" : refusal.code === "unknown-version" ? "failed" : "refused",
  });
}

/** What of the target is here already, but has not been read since it may have changed, is read now. */
async function settleTarget(session: Session, observation: Observation, release: Release): Promise<Observation> {
  const { situation } = observation;
  const own = instancesOf(situation, release.version);
  const doubtful = own.filter((instance) =>
    ["unknown", "unchecked"].includes(situation.soundness.get(instance) ?? "unknown"),
  );
  if (doubtful.length === 0) return observation;
  const proof = await proveVersion(session, withRelease(observation, release), release.version, {
    adopt: false,
    save: true,
  });
  return observeAgain(session, observation, { damaged: damagedPlaces(proof) });
}

function withRelease(observation: Observation, release: Release): Observation {
  const { catalog } = observation.situation;
  if (catalog === undefined) return observation;
  const releases = catalog.releases.map((item) => (item.version === release.version ? release : item));
  return { ...observation, situation: { ...observation.situation, catalog: { ...catalog, releases } } };
}

type Prepared =
  | {
      readonly kind: "plan";
      readonly plan: Plan;
      readonly release: Release;
      readonly observation: Observation;
      readonly notices: readonly string[];
    }
  | {
      readonly kind: "nothing";
      readonly planned: Extract<Planned, { kind: "nothing-to-do" }>;
      readonly observation: Observation;
    };

async function prepare(session: Session, before: Observation, options: UpdateOptions): Promise<Prepared> {
  demandAllRead(before.definitions);
  const wanted = options.version === undefined ? undefined : parseVersion(options.version);
  const choice = chooseRelease(before.situation, wanted);
  if (choice.kind === "refused") throw refusalFault(choice.refusal);
  if (choice.kind === "nothing-to-do") return { kind: "nothing", planned: choice, observation: before };
  const release = await measureRelease(session, choice.release);
  const observation = withRelease(await settleTarget(session, before, release), release);
  guardRepublished(observation, release);
  const planned = planUpdate(observation.situation, release, { acquireOnly: options.acquireOnly === true });
  switch (planned.kind) {
    case "refused":
      throw refusalFault(planned.refusal);
    case "nothing-to-do":
      return {
        kind: "nothing",
        planned: { ...planned, notices: [...choice.notices, ...planned.notices] },
        observation,
      };
    case "plan":
      return { kind: "plan", plan: planned.plan, release, observation, notices: choice.notices };
  }
}

/** A plan that breaks P3 is a bug of the planner, and is not carried out. */
function assertKeepsWayBack({ situation }: Observation, plan: Plan): void {
  const { graph, pins, running } = situation;
  const promise = planKeepsWayBack({ graph, plan, pinned: [...pins], running: running.version });
  if (!promise.holds) throw new Error(`Assertion failed: ${promise.sentence}`);
}

/** Other bytes under the name of the version that runs: it is not touched; the publisher has to give a new name. */
function guardRepublished(observation: Observation, release: Release): void {
  if (release.version !== observation.situation.running.version || !isRepublished(observation.situation, release))
    return;
  throw new Fault(
    "republished",
    `Cannot update: the repository now offers other bytes as version ${release.version}, which is running`,
    {
      hint: "The publisher has to release changed bytes under a new version; the running version is left as it is.",
      kind: "refused",
    },
  );
}

/** The way back is not intact: mended from the repository where that is possible, given up where another can stand in. */
async function mendWayBack(session: Session, observation: Observation, proof: Proof): Promise<Observation> {
  const seen = await observeAgain(session, observation, { damaged: damagedPlaces(proof) });
  const repaired = proof.damaged.length > 0 ? await repairVersion(session, seen, proof.version) : undefined;
  if (repaired?.kind === "mended") return repaired.observation;
  const what = proof.damaged.map((part) => `${part.what}: ${part.why}`).join("; ");
  const isRunning = observation.situation.running.version === proof.version;
  if (proof.damaged.length > 0 && !isRunning) {
    session.machine.progress.report({ kind: "warning", text: `Version ${proof.version} is no way back: ${what}` });
    return seen;
  }
  const why =
    proof.damaged.length > 0
      ? what
      : `nobody vouches for ${proof.unknown.map((instance) => instance.transfer).join(", ")}: Holdfast did not install it and the repository does not list it`;
  throw new Fault(
    "way-back-unproven",
    `Cannot update: the way back, version ${proof.version}, is not proven intact (${why})`,
    {
      hint: "Run holdfast doctor --repair. To go on without a way back: holdfast update --without-way-back",
      kind: "refused",
      details: { version: proof.version },
    },
  );
}

function versionsOf({ from, wayBack }: Plan): NewsFacts {
  return {
    ...(from === undefined ? {} : { from }),
    ...(wayBack.kind === "version" ? { wayBack: wayBack.version } : {}),
  };
}

async function carryOut(session: Session, first: Observation, options: UpdateOptions): Promise<UpdateReport> {
  let observation = first;
  for (let round = 1; round <= plansMax; round++) {
    const prepared = await prepare(session, observation, options);
    if (prepared.kind === "nothing") return nothingLeft(session, prepared.observation, prepared.planned, options);
    const { plan, notices } = prepared;
    if (options.dryRun === true)
      return withWays(session, prepared.observation, plan, plannedReport(prepared.observation, plan, notices));
    await record(
      session,
      "planned",
      plan.target,
      `Update to ${plan.target}${plan.from === undefined ? "" : ` from ${plan.from}`}`,
      versionsOf(plan),
    );
    assertKeepsWayBack(prepared.observation, plan);
    await openEsp(session, prepared.observation);
    const outcome = await closingEsp(session, prepared.observation, () =>
      execute(session, prepared.observation, plan, { withoutWayBack: options.withoutWayBack === true }),
    );
    if (outcome.kind === "done") return finish(session, outcome, plan, notices, options);
    observation = await mendWayBack(session, prepared.observation, outcome.proof);
  }
  throw new Fault(
    "way-back-unproven",
    "Cannot update: something damages the installed versions as fast as they are checked",
    {
      hint: "Look at the health of the disk (smartctl), then run holdfast doctor --deep.",
      kind: "refused",
    },
  );
}

/**
 * What only looks changed since it was proven is read once more: FAT gives its files new stamps whenever it is mounted,
 * and an automount is gone after two minutes of downloading.
 */
async function readWhatChanged(session: Session, before: Observation, plan: Plan): Promise<Observation> {
  const { wayBack, target } = plan;
  let observation = before;
  for (const version of wayBack.kind === "version" ? [wayBack.version, target] : [target]) {
    const { situation } = observation;
    if (!instancesOf(situation, version).some((own) => situation.soundness.get(own) === "unchecked")) continue;
    const proof = await proveVersion(session, observation, version, { adopt: false, save: true, changedOnly: true });
    observation = await observeAgain(session, observation, { damaged: damagedPlaces(proof) });
  }
  return observation;
}

/** A named version that is older than what is installed comes first only once the others are passed over. */
async function preferNamed(
  session: Session,
  observation: Observation,
  target: Version,
  overriddenBy: string | undefined,
  options: UpdateOptions,
): Promise<{ readonly observation: Observation; readonly overriddenBy: string | undefined }> {
  const unasked = options.version === undefined || options.acquireOnly === true;
  if (unasked || overriddenBy === undefined || observation.situation.loader.otherLoader !== undefined)
    return { observation, overriddenBy };
  try {
    const why = `a person asked for ${target}`;
    const { observation: after } = await switchTo(session, observation, target, why);
    return { observation: after, overriddenBy: nextVersion(after) === target ? undefined : overriddenBy };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "not-switchable") throw error;
    return { observation, overriddenBy };
  }
}

/** The audit has looked once, and one byte of an entry that was read wrong changes the order of the menu (P5). */
function otherNext(observation: Observation, target: Version, options: UpdateOptions): string | undefined {
  if (options.version === undefined || options.acquireOnly === true || !hasEntries(observation.situation))
    return undefined;
  const next = nextVersion(observation);
  return next === target ? undefined : `${next === undefined ? "another entry" : `version ${next}`} boots next`;
}

async function finish(
  session: Session,
  outcome: Extract<Outcome, { kind: "done" }>,
  plan: Plan,
  notices: readonly string[],
  options: UpdateOptions,
): Promise<UpdateReport> {
  const { target } = plan;
  const seen = await observeAgain(session, outcome.observation);
  const read = options.acquireOnly === true ? seen : await readWhatChanged(session, seen, plan);
  await closeEsp(session, read);
  const overriding = outcome.overriddenBy ?? otherNext(read, target, options);
  const { observation, overriddenBy } = await preferNamed(session, read, target, overriding, options);
  const booting = hasEntries(observation.situation) ? " and boots next" : "";
  if (observation.situation.quarantine.has(target)) await liftQuarantine(session, target);
  const done = options.acquireOnly === true ? "acquired" : "updated";
  await record(
    session,
    done,
    target,
    options.acquireOnly === true
      ? `Everything of ${target} is here`
      : `Version ${target} is installed${overriddenBy === undefined ? booting : `; ${overriddenBy}`}`,
    {
      ...versionsOf(plan),
      bytes: outcome.transferredBytes,
      ways: outcome.ways,
      exitCode: overriddenBy === undefined ? exit.done : exit.finding,
    },
  );
  const overridden = overriddenBy;
  const broken = options.acquireOnly === true ? [] : brokenPromises(observation.situation, plan);
  return {
    outcome: options.acquireOnly === true ? "acquired" : overridden === undefined ? "done" : "done-with-finding",
    from: plan.from,
    to: target,
    because:
      overridden ??
      (options.acquireOnly === true
        ? `everything of ${target} is here, nothing is installed yet`
        : `version ${target} is installed and proven${booting}`),
    wayBack: plan.wayBack.kind === "version" ? plan.wayBack.version : undefined,
    steps: planLines(plan),
    space: spaceLines(plan),
    downloadBytes: plan.downloadBytes,
    transferredBytes: outcome.transferredBytes,
    ...(options.acquireOnly === true ? {} : { installed: installedLines(plan) }),
    notices: [...notices, ...plan.notices, ...broken],
    findings: overridden === undefined ? [] : [notNext(observation, target, overridden)],
    menu: menuLines(observation),
    bootsNext: nextVersion(observation),
  };
}

function notNext({ situation }: Observation, target: Version, why: string): Finding {
  const { otherLoader } = situation.loader;
  return otherLoader === undefined ? finding("not-next", target, why) : finding("other-loader", otherLoader);
}

/**
 * Where no entry of ours is started, an update would be for nothing. Behind another boot loader a person may name a version
 * and choose it in that one's menu.
 */
async function demandStart(session: Session, { anywhere, version }: UpdateOptions): Promise<void> {
  if (anywhere === true) return;
  const found = await findNowhere(session);
  if (found === undefined || (found.code === "other-loader" && version !== undefined)) return;
  const { enabled } = await readDefinitions(session);
  if (enabled.some(({ target }) => roleOf(target) === "entry")) throw findingFault("update", found);
}

/** A version that is here and was passed over is taken again when a person names it. */
async function nothingLeft(
  session: Session,
  first: Observation,
  planned: Extract<Planned, { kind: "nothing-to-do" }>,
  options: UpdateOptions,
): Promise<UpdateReport> {
  const { version } = planned;
  const idle = options.version === undefined || options.dryRun === true || options.acquireOnly === true;
  // That it boots next already is said when two looks have seen it: one may have read a byte of an entry wrong (P5).
  const observation = !idle && version === nextVersion(first) ? await observeAgain(session, first) : first;
  const inUse = nextVersion(observation) ?? observation.situation.running.version;
  const plain = options.version === undefined && options.dryRun !== true && options.acquireOnly !== true;
  if (plain && version !== undefined && isUnproven(observation, version)) {
    const why = `version ${version} ended its boots without a verdict, and is tried once more`;
    return nothingReport(await offerAgain(session, observation, version), { ...planned, why });
  }
  if (idle || version === undefined || version === inUse) {
    // It was named, and boots: what an interrupted switch to it left of having passed it over goes as well (P6).
    if (!idle && version !== undefined && observation.situation.quarantine.has(version))
      await liftQuarantine(session, version);
    return nothingReport(observation, planned);
  }
  const { observation: after, notices } = await switchTo(
    session,
    observation,
    version,
    `a person asked for ${version}`,
  );
  const why = `version ${version} was installed already and boots next again`;
  return nothingReport(after, {
    ...planned,
    why: nextVersion(after) === version ? why : planned.why,
    notices: [...planned.notices, ...notices],
  });
}

/** With every entry marked bad, what runs would stay on trial for ever, and nothing would be a way back (E3, P6). */
async function reviveRunning(session: Session, observation: Observation): Promise<Observation> {
  const { version } = observation.situation.running;
  if (version === undefined || versionToRevive(observation) !== version) return observation;
  const text = `Every boot entry was marked bad; version ${version}, which runs, gets its name back first`;
  session.machine.progress.report({ kind: "warning", text });
  return revive(session, observation, version);
}

/**
 * Updates the machine to the newest version, or to `version`. Faults: refusals (kind "refused"), `busy`,
 * `interrupted`, and whatever the sources or the disk did; the machine boots what it booted before in each case.
 */
export async function updateMachine(session: Session, options: UpdateOptions = {}): Promise<UpdateReport> {
  await demandStart(session, options);
  if (options.dryRun === true)
    return planLeaving(await observe(session, { catalog: true }), (seen) => carryOut(session, seen, options));
  await demandEnabled(session);
  return locked(session, "update", async () => {
    const before = await observe(session, { catalog: true });
    await rememberCatalog(session, before);
    const { observation: settled } = await settle(session, before);
    const observation = await noteFallBackIfKnown(session, settled);
    const left = await leaveWithdrawn(session, await reviveRunning(session, observation));
    const report = left.runs
      ? nothingReport(left.observation, nothingAfter(left))
      : await carryOut(session, left.observation, options);
    await closeNotes(session, observation);
    return left.notice === undefined || left.runs ? report : { ...report, notices: [left.notice, ...report.notices] };
  });
}
