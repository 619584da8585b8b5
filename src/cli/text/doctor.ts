// The text of `holdfast doctor`.
import type { DoctorReport } from "../../wire/reports.ts";
import { type Look, harmless, paint } from "../look.ts";
import { countText, sizeText } from "../units.ts";
import { renderFindings, renderNotices, section } from "./findings.ts";
import { renderMenuIfAny } from "./menu.ts";

function verdict(report: DoctorReport, look: Look): string {
  const errors = report.findings.filter(({ severity }) => severity === "error").length;
  if (!report.healthy) return paint(look, "red", `${countText(errors, "error")} found.`);
  return `${paint(look, "green", "Healthy:")} every boot entry of ours has what it needs.`;
}

export function renderDoctor(report: DoctorReport, look: Look): string {
  const read =
    report.checkedBytes === 0 && report.repaired.length > 0
      ? ""
      : `${sizeText(report.checkedBytes)} read${report.deep ? ", which is everything" : "; `holdfast doctor --deep` reads everything"}.\n`;
  const repairable = report.findings.some((finding) => finding.repairable && finding.severity !== "info");
  const tried = report.repaired.length > 0 || report.findings.some(({ code }) => code === "not-repaired");
  const advice = repairable && !tried ? "\n`holdfast doctor --repair` can repair this.\n" : "";
  return (
    `${verdict(report, look)}\n${read}` +
    section("Done", renderNotices(report.repaired.map(harmless), look), look) +
    section("Findings", renderFindings(report.findings, look), look) +
    section("Boot menu, in the loader's order", renderMenuIfAny(report.menu, look), look) +
    advice
  );
}
