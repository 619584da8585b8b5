// Before anything is changed: FAT volumes in doubt are checked, and what a power cut left in the state folder goes (P6, P11).
import { dropTwins } from "./drop-twins.ts";
import { closeEsp, openEsp, settleVolumes, twinGroups } from "./esp-guard.ts";
import { type Observation, observeAgain } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { tidyState } from "../state/tidy-state.ts";

/** Call it under the lock. Returns the machine as it is then, and whether a file system was checked and repaired. */
export async function settle(
  session: Session,
  before: Observation,
): Promise<{ readonly observation: Observation; readonly repaired: boolean }> {
  const repaired = await settleVolumes(session, before);
  let observation = repaired ? await observeAgain(session, before) : before;
  if (twinGroups(observation).length > 0) {
    await openEsp(session, observation);
    await dropTwins(session, observation);
    observation = await observeAgain(session, observation);
    await closeEsp(session, observation);
  }
  const forgotten = await tidyState(session, observation);
  return { observation: forgotten ? await observeAgain(session, observation) : observation, repaired };
}
