// `report`: what a developer needs to understand a bug, with nothing in it that is nobody's business.
import { holdfastVersion } from "../base/build-info.ts";
import { Fault } from "../base/fault.ts";
import { readDefinitions } from "./definitions.ts";
import { withoutSecrets } from "./download.ts";
import { readJournal } from "./journal.ts";
import { lintReport } from "./lint.ts";
import type { Session } from "./session.ts";
import { statusReport } from "./status.ts";

const journalLines = 200;

/** A part that cannot be had is itself worth reporting. */
async function part<T>(work: () => Promise<T>): Promise<T | { readonly error: string; readonly code: string }> {
  try {
    return await work();
  } catch (error) {
    return {
      error: error instanceof Error ? error.message : String(error),
      code: error instanceof Fault ? error.code : "unexpected",
    };
  }
}

/** Host and machine names never enter; passwords and queries in addresses are cut out of every text. */
function redact(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/[a-z][a-z0-9+.-]*:\/\/\S+/gi, (url) => withoutSecrets(url));
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redact(inner)]));
}

export async function bugReport(session: Session): Promise<Record<string, unknown>> {
  const { process, clock } = session.machine;
  const report = {
    format: 1,
    holdfast: holdfastVersion,
    madeAtMs: clock.nowMs(),
    architecture: process.architecture,
    kernel: process.kernelRelease,
    live: session.settings.live,
    definitions: await part(() => readDefinitions(session)),
    lint: await part(() => lintReport(session)),
    status: await part(() => statusReport(session)),
    journal: await part(async () => (await readJournal(session)).slice(-journalLines)),
  };
  return redact(report) as Record<string, unknown>;
}
