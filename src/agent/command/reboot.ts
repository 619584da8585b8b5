// `reboot`: into the version that boots next, where that is not the one that runs and nobody minds.
import { Fault } from "../../base/fault.ts";
import type { RebootReport } from "../../wire/unit-reports.ts";
import { observe } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { readJournal, record } from "../state/journal.ts";
import { locked } from "../state/locked.ts";
import { nextVersion } from "./report-lines.ts";

export interface RebootOptions {
  /** Without asking for sessions and inhibitors. */
  readonly now: boolean;
}

/** A version that did not come up when the machine was rebooted for it would not come up fifteen minutes later. */
const againAfterMs = 20 * 3_600_000;

const inTheWay = /^(?:Operation inhibited by .*|User .* is logged in on .*)$/;

/** What `systemctl --check-inhibitors=yes` (systemd 248) says is in the way, as one clause. */
export function whoMinds(stderr: string): string | undefined {
  const found = stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => inTheWay.test(line));
  return found.length === 0 ? undefined : found.join(" ").slice(0, 500);
}

async function rebootedLately(session: Session, version: string): Promise<boolean> {
  const since = session.machine.clock.nowMs() - againAfterMs;
  const lines = await readJournal(session);
  return lines.some((line) => line.event === "rebooting" && line.version === version && line.atMs > since);
}

export async function rebootMachine(session: Session, { now }: RebootOptions): Promise<RebootReport> {
  if (!session.settings.live)
    throw new Fault("not-live", "Cannot reboot: --root names a machine that is not the one we run on", {
      hint: "Leave --root away.",
      kind: "usage",
    });
  return locked(session, "reboot", async () => {
    const observation = await observe(session, { catalog: false });
    const { version: running, onTrial } = observation.situation.running;
    const next = nextVersion(observation);
    const answer = (outcome: RebootReport["outcome"], because: string): RebootReport => ({
      outcome,
      running,
      bootsNext: next,
      because,
    });
    if (next === undefined) return answer("not-due", "what boots next is no version of ours");
    if (next === running) return answer("not-due", `version ${running} runs, and boots next`);
    if (running === undefined) return answer("not-due", "the version that runs is not known");
    if (onTrial && !now) return answer("not-now", `version ${running} runs on trial and has not been found good yet`);
    if (!now && (await rebootedLately(session, next)))
      return answer("not-now", `the machine was rebooted for version ${next} lately, and it is not what runs`);
    const { exitCode, stderr } = await session.machine.process.run("systemctl", [
      "reboot",
      `--check-inhibitors=${now ? "no" : "yes"}`,
    ]);
    if (exitCode === 0) {
      await record(session, "rebooting", next, `The machine reboots into version ${next}`);
      return answer("rebooting", `version ${next} boots next`);
    }
    const minds = now ? undefined : whoMinds(stderr);
    if (minds !== undefined) return answer("not-now", minds);
    throw new Fault("reboot-failed", `Cannot reboot: systemctl says ${stderr.trim().slice(0, 500)}`, {
      hint: "Reboot by hand: version and boot entry are complete.",
    });
  });
}
