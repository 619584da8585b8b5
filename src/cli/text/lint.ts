// The text of `holdfast lint`.
import type { LintReport } from "../../wire/reports.ts";
import { type Look, harmless, paint } from "../look.ts";
import { countText } from "../units.ts";
import { renderFindings } from "./findings.ts";

export function renderLint(report: LintReport, look: Look): string {
  const where = report.folders.map(harmless).join(", ");
  const read = `${countText(report.transfers, "transfer")} read${where === "" ? "" : ` from ${where}`}.\n`;
  if (report.findings.length === 0) return `${read}${paint(look, "green", "No finding.")}\n`;
  const findings = report.findings.map(({ files, sentence, ...finding }) => ({
    ...finding,
    sentence: `${files.length === 0 ? "" : `${files.join(", ")}: `}${sentence}`,
  }));
  return read + renderFindings(findings, look);
}
