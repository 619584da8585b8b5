// A version that its publisher took back before it was found good here is not booted next any more (P8).
import { Fault } from "../../base/fault.ts";
import type { Version } from "../../base/ids.ts";
import type { Planned } from "../../domain/plan.ts";
import { retreatOf } from "../../domain/withdrawn.ts";
import { switchTo } from "../install/switch.ts";
import type { Observation } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { nextVersion } from "./report-lines.ts";

export interface Left {
  readonly observation: Observation;
  /** What was done, for the report. */
  readonly notice: string | undefined;
  /** It is the version that runs: nothing can follow before the next boot. */
  readonly runs: boolean;
}

function sentence(from: Version, to: Version): string {
  return `Version ${from} was taken back by its publisher before it was found good here; version ${to} boots next`;
}

/** What cannot be left is said, and left to doctor: an update may still bring something better. */
export async function leaveWithdrawn(session: Session, before: Observation): Promise<Left> {
  const retreat = retreatOf(before.situation);
  if (retreat === undefined) return { observation: before, notice: undefined, runs: false };
  const { from, to } = retreat;
  try {
    const { observation } = await switchTo(session, before, to, "taken back by its publisher");
    return { observation, notice: `${sentence(from, to)} again.`, runs: before.situation.running.version === from };
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
