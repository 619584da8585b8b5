// The text of `holdfast check`.
import type { CheckReport } from "../../wire/reports.ts";
import { type Look, harmless, paint, sentence } from "../look.ts";
import { facts } from "../table.ts";
import { ageText, sizeText } from "../units.ts";
import { renderNotices } from "./findings.ts";

function signedText(report: CheckReport, nowMs: number): string {
  if (report.signedAtMs === undefined) return "no signature was checked";
  const by = report.signer === undefined ? "" : ` by ${harmless(report.signer)}`;
  return `${ageText(report.signedAtMs, nowMs)}${by}`;
}

function downloadText({ downloadBytes, downloadIsAtMost, wholeBytes }: CheckReport): string {
  if (downloadBytes === undefined) return "";
  const bound = downloadIsAtMost === true ? "at most " : "";
  return `${bound}${sizeText(downloadBytes)}${wholeBytes === undefined ? "" : ` of ${sizeText(wholeBytes)}`}`;
}

/** `component`: the one that was asked about. */
export function renderCheck(report: CheckReport, look: Look, component?: string): string {
  const notices = renderNotices(report.notices, look);
  if (report.available === undefined) return `${sentence(harmless(report.because))}\n${notices}`;
  const of = component === undefined ? "" : ` --component=${component}`;
  const installed = report.installed === undefined ? "" : ` You have ${report.installed}.`;
  const details = facts(
    [
      ["Download", downloadText(report)],
      ["On disk", report.diskBytes === undefined ? "" : sizeText(report.diskBytes)],
      ["Signed", signedText(report, look.nowMs)],
      ["Notes", report.notes.map(harmless).join(" ")],
    ],
    look,
  );
  return (
    `Version ${paint(look, "green", report.available)} is there.${installed}\n${details}\n${notices}` +
    `\`holdfast update${of}\` brings it in; \`holdfast update${of} --dry-run\` shows the plan.\n`
  );
}
