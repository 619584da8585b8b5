// sysupdate update [VERSION], acquire [VERSION], vacuum, cleanup: what changes the machine.
import { Fault } from "../../base/fault.ts";
import type { FindingLine, VacuumReport } from "../../wire/reports.ts";
import { harmless } from "../look.ts";
import { rebootInto } from "../reboot.ts";
import { callFor, idsOf } from "./components.ts";
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
  const report = await context.agent.update(session, {
    acquireOnly,
    anywhere: true,
    ...(version === undefined ? {} : { version }),
  });
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
      if (report.steps.length === 0) log(call, nothingToDo(version));
      else log(call, `${call.utf8 ? "✨" : "*"} Successfully installed update '${to}'.`);
      break;
  }
  if (options.cleanup === true && exit === 0) await cleanUp(call, false);
  const isInstalled = report.outcome === "done" || report.outcome === "done-with-finding";
  if (isInstalled && options.reboot && exit === 0 && report.from !== report.to)
    await rebootInto(context, session, report.to);
  return exit;
}

async function cleanUp(call: VerbCall, all: boolean): Promise<void> {
  const { removed, kept } = await call.context.agent.cleanup(call.session, { all });
  for (const name of removed)
    log(call, harmless(`Successfully removed '${name}' which is no longer owned by any transfer files.`));
  for (const name of kept)
    log(call, harmless(`Kept '${name}': no transfer file owns it, but a version that boots was installed with it.`));
}

/** With `--component-all` each component in turn; one that is switched off is passed over. */
async function updateEach(call: VerbCall, acquireOnly: boolean): Promise<VerbExit> {
  if (call.options.componentSelect !== "all") return updateOrAcquire(call, acquireOnly);
  let exit: VerbExit = 0;
  for (const id of idsOf(await call.context.agent.components(call.session))) {
    try {
      if ((await updateOrAcquire(callFor(call, id), acquireOnly)) !== 0) exit = 1;
    } catch (error) {
      if (!(error instanceof Fault) || call.session.signal.aborted) throw error;
      log(call, harmless(error.message));
      if (error.code !== "component-disabled") exit = 1;
    }
  }
  return exit;
}

export const update: Verb = async (call) => updateEach(call, false);

export const acquire: Verb = async (call) => updateEach(call, true);

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

export const cleanup: Verb = async (call) => {
  if (call.options.cleanup === false) {
    throw refuse("Invocation of 'cleanup' with --cleanup=no is contradictory, refusing.");
  }
  await cleanUp(call, call.options.componentSelect === "all");
  return 0;
};
