// One at a time: whatever changes the machine holds the lock; a dead owner's is not in the way (port Lock).
import { exit } from "../../base/exit-code.ts";
import { Fault } from "../../base/fault.ts";
import type { JournalEvent } from "../../domain/journal-events.ts";
import type { NewsFacts } from "../../domain/news.ts";
import { observe } from "../observe/observe.ts";
import { runningUpdater } from "../observe/other-updaters.ts";
import { record } from "./journal.ts";
import type { Session } from "../session.ts";
import { makeFolders } from "./small-file.ts";
import { stateFolder } from "./state.ts";

/** Commands that install, remove or switch versions, which systemd-sysupdate does without asking anybody. */
const alone: ReadonlySet<string> = new Set(["doctor", "rollback", "try", "update", "vacuum"]);
const pollMs = 1000;

/** Waits for another updater as long as for another Holdfast. */
async function demandAlone(session: Session): Promise<void> {
  const { clock, progress } = session.machine;
  const deadlineMs = clock.elapsedMs() + (session.settings.lockWaitMs ?? 0);
  for (let told = false; ; told = true) {
    const other = await runningUpdater(session);
    if (other === undefined) return;
    const who = `${other.name} (process ${other.pid})`;
    if (clock.elapsedMs() >= deadlineMs) {
      throw new Fault("busy", `Cannot start: ${who} is running`, {
        kind: "busy",
        retriable: true,
        hint: "Try again when it has ended. `holdfast enable` turns its timers off, so that one updater is left.",
      });
    }
    if (!told) progress.report({ kind: "note", text: `Waiting for ${who} to finish` });
    await clock.sleep(pollMs, session.signal);
  }
}

export function lockPath(session: Session): string {
  return `${stateFolder(session)}/lock`;
}

/** What is asked of a machine on which Holdfast has kept nothing yet. */
const lookAround = (session: Session): Promise<unknown> => observe(session, { catalog: false });

/**
 * Runs `work` alone. Waits as long as the settings say, then a Fault `busy` names who runs. Failures are journalled.
 * Where there is no state folder yet, `look` comes first, and what it refuses leaves nothing behind: no folder, no journal.
 */
export async function locked<T>(
  session: Session,
  command: string,
  work: () => Promise<T>,
  look: (session: Session) => Promise<unknown> = lookAround,
): Promise<T> {
  const { disk, lock, progress } = session.machine;
  if (alone.has(command)) await demandAlone(session);
  if ((await disk.stat(stateFolder(session))) === undefined) await look(session);
  await makeFolders(disk, stateFolder(session));
  await using held = await lock.acquire(
    lockPath(session),
    command,
    session.settings.lockWaitMs ?? 0,
    (owner) =>
      progress.report({
        kind: "note",
        text:
          owner === undefined
            ? "Waiting for another Holdfast to finish"
            : `Waiting for holdfast ${owner.command} (process ${owner.pid}) to finish`,
      }),
    session.signal,
  );
  void held;
  try {
    return await work();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const { event, facts } = whatFailed(error, session.signal.aborted);
    await record(session, event, undefined, `${command}: ${text}`, { command, ...facts });
    throw error;
  }
}

function whatFailed(error: unknown, aborted: boolean): { readonly event: JournalEvent; readonly facts: NewsFacts } {
  if (aborted) return { event: "interrupted", facts: { exitCode: exit.interrupted } };
  if (!(error instanceof Fault)) return { event: "failed", facts: { exitCode: exit.failed, code: "bug" } };
  const { kind, code, hint } = error;
  const event = kind === "refused" || kind === "nothing" || kind === "interrupted" ? kind : "failed";
  return { event, facts: { exitCode: exit[kind], code, ...(hint === undefined ? {} : { hint }) } };
}
