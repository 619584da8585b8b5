// The reports of `update` that nothing was done for: a plan, and nothing to do. Pure over an Observation.
import { finding } from "../../domain/findings.ts";
import type { Plan, Planned } from "../../domain/plan.ts";
import type { UpdateReport } from "../../wire/reports.ts";
import type { Observation } from "../observe/observe.ts";
import { menuLines, nextVersion, planLines, spaceLines, wayBackOf } from "./report-lines.ts";

export function plannedReport(observation: Observation, plan: Plan, notices: readonly string[]): UpdateReport {
  return {
    outcome: "planned",
    from: plan.from,
    to: plan.target,
    because: `version ${plan.target} would be installed`,
    wayBack: plan.wayBack.kind === "version" ? plan.wayBack.version : undefined,
    steps: planLines(plan),
    space: spaceLines(plan),
    downloadBytes: plan.downloadBytes,
    transferredBytes: 0,
    notices: [...notices, ...plan.notices],
    findings: [],
    menu: menuLines(observation),
    bootsNext: nextVersion(observation),
  };
}

export function nothingReport(
  observation: Observation,
  planned: Extract<Planned, { kind: "nothing-to-do" }>,
): UpdateReport {
  const next = nextVersion(observation);
  const { running } = observation.situation;
  // Installed, waiting for a reboot: what was asked for is done.
  const waiting = planned.version !== undefined && planned.version === next && planned.version !== running.version;
  const stuck =
    planned.version !== undefined &&
    next !== undefined &&
    planned.version !== next &&
    planned.version !== running.version;
  return {
    outcome: waiting ? "done" : stuck ? "done-with-finding" : "nothing-to-do",
    from: running.version,
    to: planned.version,
    because: planned.why,
    wayBack: wayBackOf(observation),
    steps: [],
    space: [],
    downloadBytes: 0,
    transferredBytes: 0,
    notices: planned.notices,
    findings: stuck ? [finding("not-next", planned.version, `${next} boots next`)] : [],
    menu: menuLines(observation),
    bootsNext: next,
  };
}
