// sysupdate update [VERSION], acquire [VERSION], vacuum, cleanup: what changes the machine.
import type { FindingLine, VacuumReport } from "../../wire/reports.ts";
import { harmless } from "../look.ts";
import { rebootInto } from "../reboot.ts";
import { type Verb, type VerbCall, type VerbExit, answer, log, refuse } from "./verb.ts";

/** A warning does not make an installed update a failure; an error does (P5). */
function tellFindings(call: VerbCall, findings: readonly FindingLine[]): VerbExit {
  for (const { severity, sentence, remedy } of findings) log(call, harmless(`${severity}: ${sentence} ${remedy}`));
  return findings.some(({ severity }) => severity === "error") ? 1 : 0;
}

function nothingToDo(version: string | undefined): string {
  if (version === undefined) return "No update needed.";
  return `Selected update '${version}' is already installed. Skipping update.`;
}

async function updateOrAcquire(call: VerbCall, acquireOnly: boolean): Promise<VerbExit> {
  const { context, session, options } = call;
  if (options.instancesMax !== undefined && options.instancesMax < 2) {
    throw refuse("The --instances-max= argument must be >= 2 while updating");
  }
  const [version] = options.arguments;
  const report = await context.agent.update(session, { acquireOnly, ...(version === undefined ? {} : { version }) });
  for (const notice of report.notices) log(call, harmless(notice));
  const to = report.to ?? version ?? "";
  const exit = tellFindings(call, report.findings);
  switch (report.outcome) {
    case "nothing-to-do":
    case "planned":
      log(call, nothingToDo(version));
      break;
    case "acquired":
      log(call, `Acquired update '${to}'.`);
      break;
    case "done":
    case "done-with-finding":
      log(call, `${call.utf8 ? "✨" : "*"} Successfully installed update '${to}'.`);
      if (options.cleanup === true) tellVacuum(call, await context.agent.vacuum(session));
      if (options.reboot && exit === 0 && report.from !== report.to) await rebootInto(context, session, report.to);
      break;
  }
  return exit;
}

export const update: Verb = async (call) => updateOrAcquire(call, false);

export const acquire: Verb = async (call) => updateOrAcquire(call, true);

/** A version that was only partly there counts as one removed instance, as it does for systemd. */
function removedCount(report: VacuumReport): number {
  return report.removed.length + (report.sweptLeftovers > 0 ? 1 : 0);
}

function tellVacuum(call: VerbCall, report: VacuumReport): void {
  if (report.sweptLeftovers > 0)
    log(call, `Removing old partial resources of unfinished work: ${report.sweptLeftovers}.`);
  for (const { version, why } of report.removed) log(call, harmless(`Removed '${version}': ${why}.`));
  const parts = [
    removedCount(report) > 0 ? `${removedCount(report)} instances` : "",
    report.disabledInstances > 0 ? `${report.disabledInstances} disabled transfers` : "",
  ].filter((part) => part !== "");
  log(call, parts.length === 0 ? "Found nothing to remove." : `Removed ${parts.join(", and ")}.`);
}

export const vacuum: Verb = async (call) => {
  const { context, session, options } = call;
  if (options.instancesMax !== undefined && options.instancesMax < 1) {
    throw refuse("The --instances-max= argument must be >= 1 while vacuuming");
  }
  const report = await context.agent.vacuum(session);
  tellVacuum(call, report);
  answer(call, { removed: removedCount(report), disabledTransfers: report.disabledInstances }, () => "");
  return 0;
};

/** Orphans are part of what `vacuum` removes; there is no second list of them to go by. */
export const cleanup: Verb = async (call) => {
  if (call.options.cleanup === false) {
    throw refuse("Invocation of 'cleanup' with --cleanup=no is contradictory, refusing.");
  }
  tellVacuum(call, await call.context.agent.vacuum(call.session));
  return 0;
};
