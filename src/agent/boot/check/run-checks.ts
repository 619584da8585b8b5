// Runs all health checks within one deadline: built-in ones first, then programs, required before wanted (P8).
import { Fault } from "../../../base/fault.ts";
import { type CheckResult, type Health, judgeHealth } from "../../../domain/boot/health.ts";
import { type Observation, observe } from "../../observe/observe.ts";
import type { Session } from "../../session.ts";
import { bootCounting } from "./boot-counting.ts";
import { definitionsCheck } from "./definitions-check.ts";
import { type BuiltInCheck, type CheckContext, type Finding, failed } from "./health-check.ts";
import { installation } from "./installation.ts";
import { nextUpdate } from "./next-update.ts";
import { findPrograms, runProgram } from "./programs.ts";
import { systemUnits } from "./system-units.ts";

export interface CheckTimes {
  /** For all checks together. */
  readonly deadlineMs: number;
  /** For one program. */
  readonly programMs: number;
}

export const checkTimes: CheckTimes = { deadlineMs: 300_000, programMs: 60_000 };

const builtIn: readonly BuiltInCheck[] = [definitionsCheck, installation, nextUpdate, bootCounting, systemUnits];

async function look(session: Session): Promise<Observation | Fault> {
  try {
    return await observe(session, { catalog: false });
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

/** What takes too long has failed; it is told to stop and not waited for. */
async function within(
  session: Session,
  timeMs: number,
  work: (limited: Session) => Promise<Finding>,
): Promise<Finding> {
  const late = new AbortController();
  const done = new AbortController();
  const limited = { ...session, signal: AbortSignal.any([session.signal, late.signal]) };
  const tooLate = session.machine.clock.sleep(timeMs, done.signal).then(
    () => {
      late.abort();
      return failed(`no end after ${Math.round(timeMs / 1000)} s`);
    },
    () => failed("it was broken off"),
  );
  const working = work(limited);
  // Nobody waits for it any more once it is late.
  working.catch(() => undefined);
  try {
    return await Promise.race([working, tooLate]);
  } finally {
    done.abort();
  }
}

async function runBuiltIn(context: CheckContext, check: BuiltInCheck, leftMs: number): Promise<CheckResult> {
  const { session } = context;
  const began = session.machine.clock.elapsedMs();
  const outcome = async (): Promise<Finding> => {
    if (leftMs <= 0) return failed("there was no time left to run it");
    try {
      return await within(session, Math.min(check.timeMs, leftMs), (limited) =>
        check.run({ ...context, session: limited }),
      );
    } catch (error) {
      if (session.signal.aborted) throw error;
      // A bug of ours in here is a version that cannot look after itself.
      return failed(error instanceof Error ? error.message : String(error));
    }
  };
  const { state, text } = await outcome();
  return {
    name: check.name,
    required: true,
    state,
    text,
    durationMs: Math.round(session.machine.clock.elapsedMs() - began),
  };
}

function refuseIfStopped(session: Session): void {
  if (!session.signal.aborted) return;
  throw new Fault("interrupted", "Cannot judge this boot: it was interrupted", { kind: "interrupted" });
}

/**
 * Programs are run on the machine that runs only. What was observed comes along, for whoever goes on with it. Being
 * stopped is no verdict: Fault `interrupted`.
 */
export async function runChecks(
  session: Session,
  times: CheckTimes = checkTimes,
): Promise<{ readonly health: Health; readonly observed: Observation | Fault }> {
  const { clock, progress } = session.machine;
  const endsAtMs = clock.elapsedMs() + times.deadlineMs;
  const leftMs = (): number => endsAtMs - clock.elapsedMs();
  const observed = await look(session);
  const programs = session.settings.live ? await findPrograms(session) : [];
  const count = builtIn.length + programs.length;
  const results: CheckResult[] = [];
  const run = async (name: string, work: () => Promise<CheckResult>): Promise<void> => {
    refuseIfStopped(session);
    const at = { index: results.length + 1, count, title: `Check ${name}` };
    progress.report({ kind: "step", ...at });
    results.push(await work());
    progress.report({ kind: "step-done", ...at });
  };
  for (const check of builtIn) await run(check.name, () => runBuiltIn({ session, observed }, check, leftMs()));
  for (const program of programs)
    await run(program.name, () => runProgram(session, program, Math.min(times.programMs, leftMs())));
  refuseIfStopped(session);
  return { health: judgeHealth(results), observed };
}
