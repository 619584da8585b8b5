// `report`: what a developer needs to understand a bug, with nothing in it that is nobody's business.
import { holdfastVersion } from "../../base/build-info.ts";
import { Fault } from "../../base/fault.ts";
import { readDefinitions } from "../observe/definitions.ts";
import { withoutSecrets } from "../acquire/download.ts";
import type { Specifiers } from "../../format/definitions.ts";
import { readSpecifiers } from "../observe/identity.ts";
import { readJournal } from "../state/journal.ts";
import { lintReport } from "./lint.ts";
import type { Session } from "../session.ts";
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

/** Specifiers put the names of host and machine into paths and addresses, and boot entries are called by machine ids. */
function redactText(text: string, names: readonly string[]): string {
  const bare = text.replace(/[a-z][a-z0-9+.-]*:\/\/\S+/gi, (url) => withoutSecrets(url));
  const ids = bare.replace(/(?<![0-9a-z])[0-9a-f]{32}(?![0-9a-z])/gi, "<machine-id>");
  return names.reduce((rest, name) => rest.replaceAll(name, "<host>"), ids);
}

/** Host and machine names never leave; passwords and queries in addresses are cut out of every text. */
function redact(value: unknown, names: readonly string[]): unknown {
  if (typeof value === "string") return redactText(value, names);
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map((inner) => redact(inner, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redact(inner, names)]));
}

/** Longest first; one of a letter or two would be found in every word. */
async function hostNames(session: Session): Promise<readonly string[]> {
  const { H, l } = await readSpecifiers(session).catch((): Specifiers => ({}));
  const names = [H, l].filter((name) => name !== undefined && name.length > 2 && name !== "localhost");
  return [...new Set(names as readonly string[])].sort((a, b) => b.length - a.length);
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
  return redact(report, await hostNames(session)) as Record<string, unknown>;
}
