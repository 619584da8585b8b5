// A delta that passes what clients accept is left away: chunks and the whole file bring the same bytes.
import { Fault } from "../base/fault.ts";
import type { Publisher } from "./publisher.ts";

/** What was made, or `undefined` and a note about `what`. Throws whatever else making throws. */
export async function unlessTooLarge<T>(
  { machine: { progress } }: Publisher,
  what: string,
  make: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof Fault && error.code === "delta-too-large")) throw error;
    progress.report({ kind: "note", text: `No delta of ${what}: its recipe passes what clients accept` });
    return undefined;
  }
}
