// `boot assess`: judges this boot by its health checks and records the verdict; `boot reject`: what follows from a bad
// one. systemd waits for the first before boot-complete.target, and systemd-bless-boot comes after that (P8).
import { Fault } from "../../base/fault.ts";
import { startsAgain } from "../../domain/boot/blessing.ts";
import type { FailedCheck } from "../../domain/boot/boot-record.ts";
import type { BootEntry } from "../../domain/boot-graph.ts";
import type { BootRejectReport, HealthReport } from "../../wire/boot-reports.ts";
import { settle } from "../install/settle.ts";
import { readBootEntries } from "../observe/boot-entries.ts";
import { findBootFolders } from "../observe/boot-folders.ts";
import { observe } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { record } from "../state/journal.ts";
import { locked } from "../state/locked.ts";
import { noteBoot, readBoots } from "./boot-state.ts";
import { type CheckTimes, checkTimes, runChecks } from "./check/run-checks.ts";
import { bootSeen, demandLive, markThisBoot, type ThisBoot, thisBoot } from "./this-boot.ts";

/** Not being able to remember must not end the assessment: the checks find out that the state cannot be written. */
async function remember(session: Session, boot: ThisBoot, more: Parameters<typeof bootSeen>[2]): Promise<void> {
  try {
    await noteBoot(session, bootSeen(boot, session.machine.clock.nowMs(), more));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    session.machine.progress.report({ kind: "warning", text: `This boot is not remembered: ${error.message}` });
  }
}

/** Runs the health checks by hand: nothing is recorded and nothing follows from it. */
export async function healthReport(session: Session, times: Partial<CheckTimes> = {}): Promise<HealthReport> {
  const { health, observed } = await runChecks(session, { ...checkTimes, ...times });
  const boot = await thisBoot(session, observed instanceof Fault ? undefined : observed);
  return {
    version: boot.version,
    entry: session.settings.live ? boot.entryId : undefined,
    counted: boot.counted,
    verdict: health.verdict,
    checks: health.results,
  };
}

const settleWaitMs = 60_000;

/**
 * What a power cut left on the ESP, two names of one entry for one, is mended before anything is judged: nobody is to be
 * condemned for it, and systemd-bless-boot renames what is there for sure. Where that cannot be done the checks go on.
 */
async function settleFirst(session: Session): Promise<void> {
  const patient = { ...session, settings: { ...session.settings, lockWaitMs: settleWaitMs } };
  try {
    await locked(patient, "boot assess", async () => settle(session, await observe(session, { catalog: false })));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    session.machine.progress.report({ kind: "warning", text: error.message });
  }
}

export async function assessBoot(session: Session, times: Partial<CheckTimes> = {}): Promise<HealthReport> {
  demandLive(session, "judge a boot");
  // A boot that ends in the middle of its checks came as far as this; that is worth knowing in the version before.
  await remember(session, await thisBoot(session, undefined), {});
  await settleFirst(session);
  const { health, observed } = await runChecks(session, { ...checkTimes, ...times });
  const boot = await thisBoot(session, observed instanceof Fault ? undefined : observed);
  const { verdict, failed } = health;
  if (boot.counted) await markThisBoot(session, "counted");
  await remember(session, boot, { verdict, ...(failed.length === 0 ? {} : { failed }) });
  if (verdict === "bad") {
    await markThisBoot(session, "given-up");
    const text = failed.map(({ name, text: what }) => `${name}: ${what}`).join("; ");
    await record(session, "boot-bad", boot.version, `This boot was found bad (${text})`);
  } else if (boot.counted) {
    await record(session, "boot-good", boot.version, "This boot was found good");
  }
  return { version: boot.version, entry: boot.entryId, counted: boot.counted, verdict, checks: health.results };
}

/** The entries as they are, also where the definitions of this version cannot be read. */
async function entriesNow(session: Session): Promise<readonly BootEntry[]> {
  const entries = await readBootEntries(session, await findBootFolders(session), []);
  return entries.map(({ entry }) => entry);
}

const nothingHeard: FailedCheck = {
  name: "assessment",
  text: "the health checks did not come to an end, or the system never got as far as running them",
};

/**
 * A counted boot that was found bad, or never judged, is given up. Says whether the machine is to start again: the
 * loader then counts on. One whose entry carries no counter stays up, with a report: it would start for ever.
 */
export async function rejectBoot(session: Session): Promise<BootRejectReport> {
  demandLive(session, "give up a boot");
  await markThisBoot(session, "given-up");
  const observation = await observe(session, { catalog: false }).catch(() => undefined);
  const boot = await thisBoot(session, observation);
  const known = (await readBoots(session)).boots.find(({ bootId }) => bootId === boot.bootId);
  if (known?.verdict === undefined) {
    await remember(session, boot, { verdict: "bad", failed: [nothingHeard] });
    await record(session, "boot-bad", boot.version, `This boot was given up: ${nothingHeard.text}`);
  }
  if (!boot.counted) return { version: boot.version, startsAgain: false, because: "its entry carries no boot counter" };
  const entries = await entriesNow(session);
  const id = boot.entryId?.toLowerCase();
  const booted = entries.find((entry) => entry.id.toLowerCase() === id);
  // Not found on the ESP: it was renamed meanwhile, or the ESP is not there. The loader decides what comes next.
  const again = booted === undefined || startsAgain(booted, entries);
  return {
    version: boot.version,
    startsAgain: again,
    because: again ? "the boot loader counts on" : "every other entry is marked bad: this one is the last resort",
  };
}
