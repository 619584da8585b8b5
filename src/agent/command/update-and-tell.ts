// `update`, and whoever wants to hear of a completed one is told, as systemd does: what came, and where it lies. The lock
// is free again by then, because a listener may call Holdfast in its turn.
import { parseBoolean } from "../../format/unit-file.ts";
import type { CompletedUpdate } from "../../port/subscribers.ts";
import type { UpdateReport } from "../../wire/reports.ts";
import type { Session } from "../session.ts";
import { type UpdateOptions, updateMachine } from "./update.ts";

function completedUpdate({ settings }: Session, { installed = [], to }: UpdateReport): CompletedUpdate | undefined {
  if (installed.length === 0 || to === undefined) return undefined;
  const { component } = settings;
  return { ...(component === undefined ? {} : { component }), version: to, resources: installed };
}

export async function updateAndTell(session: Session, options: UpdateOptions = {}): Promise<UpdateReport> {
  const report = await updateMachine(session, options);
  const { machine, settings } = session;
  if (!settings.live || options.dryRun === true || options.acquireOnly === true) return report;
  const completed = completedUpdate(session, report);
  const forced = parseBoolean(machine.process.environment("SYSTEMD_SYSUPDATE_FORCE_NOTIFY") ?? "") === true;
  if (completed === undefined && !forced) return report;
  const problems = await machine.subscribers.tell(completed);
  for (const text of problems) machine.progress.report({ kind: "warning", text });
  return report;
}
