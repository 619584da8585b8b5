// Before anything is changed: FAT volumes in doubt are checked, and what a power cut left in the state folder goes (P6, P11).
import { settleVolumes } from "./esp-guard.ts";
import { type Observation, observeAgain } from "./observe.ts";
import type { Session } from "./session.ts";
import { tidyState } from "./tidy-state.ts";

/** Call it under the lock. Returns the machine as it is then, and whether a file system was checked and repaired. */
export async function settle(
  session: Session,
  before: Observation,
): Promise<{ readonly observation: Observation; readonly repaired: boolean }> {
  const repaired = await settleVolumes(session, before);
  const observation = repaired ? await observeAgain(session, before) : before;
  const forgotten = await tidyState(session, observation);
  return { observation: forgotten ? await observeAgain(session, observation) : observation, repaired };
}
