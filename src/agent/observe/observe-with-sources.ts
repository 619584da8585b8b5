// What is here, with what the sources offer where they can be asked: that they cannot be reached only limits a command.
import { Fault } from "../../base/fault.ts";
import { type Observation, observe } from "./observe.ts";
import type { Session } from "../session.ts";

export interface WithSources {
  readonly observation: Observation;
  /** Why the sources could not be asked; the observation is without a catalog then. */
  readonly problem: Fault | undefined;
}

/**
 * What the line did wrong was tried again already. Anything else is asked once more: one wrong reading of this machine,
 * of a keyring or a definition, must not have a version given up for want of a source (P3). Faults: those of looking at
 * the machine alone.
 */
export async function observeWithSources(session: Session): Promise<WithSources> {
  const ask = async (): Promise<WithSources> => ({
    observation: await observe(session, { catalog: true }),
    problem: undefined,
  });
  try {
    return await ask().catch((error: unknown) => {
      if (error instanceof Fault && !error.retriable && !session.signal.aborted) return ask();
      throw error;
    });
  } catch (error) {
    if (!(error instanceof Fault) || session.signal.aborted) throw error;
    return { observation: await observe(session, { catalog: false }), problem: error };
  }
}
