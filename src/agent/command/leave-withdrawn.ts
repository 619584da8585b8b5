// A version that its publisher took back before it was found good here is not booted next any more (P8).
import { Fault } from "../../base/fault.ts";
import type { Version } from "../../base/ids.ts";
import type { Planned } from "../../domain/plan.ts";
import { findWayBack } from "../../domain/way-back.ts";
import { type Retreat, retreatOf } from "../../domain/withdrawn.ts";
import type { UpdateReport } from "../../wire/reports.ts";
import { switchTo } from "../install/switch.ts";
import type { Observation } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { menuLines, nextVersion } from "./report-lines.ts";

export interface Left {
  readonly observation: Observation;
  /** What was done, for the report. */
  readonly notice: string | undefined;
  /** It is the version that runs: nothing can follow before the next boot. */
  readonly runs: boolean;
}

/** Without a full stop, for what follows. */
export function takenBack(version: Version): string {
  return `Version ${version} was taken back by its publisher before it was found good here`;
}

/** What cannot be left is said, and left to doctor: an update may still bring something better. */
export async function leaveWithdrawn(session: Session, before: Observation): Promise<Left> {
  const retreat = retreatOf(before.situation);
  if (retreat === undefined) return { observation: before, notice: undefined, runs: false };
  const { from, to } = retreat;
  try {
    const { observation } = await switchTo(session, before, to, "taken back by its publisher");
    return {
      observation,
      notice: `${takenBack(from)}; version ${to} boots next again.`,
      runs: before.situation.running.version === from,
    };
  } catch (error) {
    if (!(error instanceof Fault) || !["not-switchable", "not-intact"].includes(error.code)) throw error;
    session.machine.progress.report({
      kind: "warning",
      text: `Version ${from} was taken back by its publisher, and boots next all the same: ${error.message}`,
    });
    return { observation: before, notice: undefined, runs: false };
  }
}

/** The version that runs was left: it is judged no more, and what comes next is seen after the reboot. */
export function nothingAfter({ observation, notice = "" }: Left): Extract<Planned, { kind: "nothing-to-do" }> {
  return { kind: "nothing-to-do", version: nextVersion(observation), why: notice.replace(/\.$/, ""), notices: [] };
}

/** The machine as an update would see it after it left the version. */
export function afterRetreat(observation: Observation, { from }: Retreat): Observation {
  const { situation } = observation;
  const left = {
    format: 1,
    version: from,
    atMs: situation.nowMs,
    evidence: "rolled-back",
    text: "taken back",
  } as const;
  return {
    ...observation,
    situation: { ...situation, quarantine: new Map([...situation.quarantine, [from, left]]) },
  };
}

/** For `--dry-run`: what `report` says would follow, with the way back from what was taken back before it. */
export async function planLeaving(
  before: Observation,
  report: (seen: Observation) => Promise<UpdateReport>,
): Promise<UpdateReport> {
  const { situation } = before;
  const retreat = retreatOf(situation);
  if (retreat === undefined) return report(before);
  const { from, to } = retreat;
  const step = { kind: "switch", title: `Make version ${to} boot next instead of ${from}`, bytes: undefined };
  const notice = `${takenBack(from)}.`;
  const then = situation.running.version === from ? undefined : await report(afterRetreat(before, retreat));
  if (then?.outcome === "planned") return { ...then, steps: [step, ...then.steps], notices: [notice, ...then.notices] };
  const leftEntries = situation.graph.nodes.filter(({ version }) => version === from).map(({ entry }) => entry.path);
  const entries = situation.loader.entries.filter(({ path }) => !leftEntries.includes(path));
  const { wayBack } = findWayBack({ ...situation, loader: { ...situation.loader, entries } }, to, true);
  return {
    outcome: "planned",
    from,
    to,
    because: `version ${from} was taken back, and version ${to} would boot next again`,
    wayBack: wayBack.kind === "version" ? wayBack.version : undefined,
    steps: [step],
    space: [],
    downloadBytes: 0,
    transferredBytes: 0,
    notices: [notice, ...(then?.notices ?? [])],
    findings: [],
    menu: menuLines(before),
    bootsNext: nextVersion(before),
  };
}
