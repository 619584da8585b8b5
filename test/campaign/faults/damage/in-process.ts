// Holdfast's own commands on a machine's tree without a process for each: thousands of them, over the real adapters.
import { realMachine } from "../../../../src/adapter/machine.ts";
import { statusReport } from "../../../../src/agent/command/status.ts";
import { updateMachine } from "../../../../src/agent/command/update.ts";
import type { Session } from "../../../../src/agent/session.ts";

export interface Told {
  readonly status: string;
  readonly update: string;
  /** What they threw. */
  readonly problem: string | undefined;
}

/** `status`, and then a plain `update`. */
export async function statusAndUpdate(root: string): Promise<Told> {
  await using machine = realMachine({ root, progress: { report: () => undefined } });
  const session: Session = { machine, settings: { live: false }, signal: new AbortController().signal };
  let status = "";
  try {
    status = (await statusReport(session)).bootsNext ?? "";
    const { outcome, to } = await updateMachine(session);
    return { status, update: `${outcome} ${to ?? ""}`, problem: undefined };
  } catch (error) {
    return { status, update: "", problem: String(error) };
  }
}
