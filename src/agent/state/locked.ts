// One at a time: whatever changes the machine holds the lock; a dead owner's is not in the way (port Lock).
import { record } from "./journal.ts";
import type { Session } from "../session.ts";
import { makeFolders } from "./small-file.ts";
import { stateFolder } from "./state.ts";

export function lockPath(session: Session): string {
  return `${stateFolder(session)}/lock`;
}

/** Runs `work` alone. Waits as long as the settings say, then a Fault `busy` names who runs. Failures are journalled. */
export async function locked<T>(session: Session, command: string, work: () => Promise<T>): Promise<T> {
  const { disk, lock, progress } = session.machine;
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
    await record(session, session.signal.aborted ? "interrupted" : "failed", undefined, `${command}: ${text}`);
    throw error;
  }
}
