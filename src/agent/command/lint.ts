// `lint`: judges the definitions alone, before any machine or repository is touched.
import { lint } from "../../domain/lint.ts";
import type { LintReport } from "../../wire/reports.ts";
import { readDefinitions } from "../observe/definitions.ts";
import type { Session } from "../session.ts";

export async function lintReport(session: Session): Promise<LintReport> {
  const definitions = await readDefinitions(session);
  const { folders, enabled, disabled, warnings, unreadFiles } = definitions;
  return { folders, transfers: enabled.length + disabled.length, findings: lint({ enabled, warnings, unreadFiles }) };
}
