// The text of `holdfast quarantine`.
import { dateText } from "../../base/date-text.ts";
import type { QuarantineLiftReport, QuarantineReport } from "../../wire/boot-reports.ts";
import { harmless, type Look } from "../look.ts";
import { table } from "../table.ts";

export function renderQuarantine({ versions }: QuarantineReport, look: Look): string {
  if (versions.length === 0) return "No version is in quarantine.\n";
  const rows = versions.map(({ version, atMs, evidence, text, installed }) => [
    version,
    dateText(atMs),
    harmless(evidence),
    installed ? "installed" : "",
    harmless(text),
  ]);
  const head = ["VERSION", "SINCE", "EVIDENCE", "", "WHY"];
  return `${table(rows, look, { head })}\n\n\`holdfast quarantine lift VERSION\` lets one be tried again.\n`;
}

export function renderLift({ version, installed }: QuarantineLiftReport): string {
  const then = installed
    ? "It is installed: `holdfast update` gives it its tries again if it is the newest on offer."
    : "It may be installed again when it is on offer.";
  return `Version ${version} is no longer in quarantine.\n${then}\n`;
}
