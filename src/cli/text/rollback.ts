// The text of `holdfast rollback`.
import type { RollbackReport } from "../../wire/reports.ts";
import { type Look, paint } from "../look.ts";
import { renderNotices, section } from "./findings.ts";
import { renderMenuIfAny } from "./menu.ts";

export function renderRollback(report: RollbackReport, look: Look): string {
  const from = report.from === undefined || report.from === report.to ? "" : ` instead of ${report.from}`;
  const isComponent = report.bootsNext === undefined;
  const state = isComponent ? "is intact and in use" : "is intact and boots next";
  return (
    `${paint(look, "green", `Version ${report.to} ${state}`)}${from}.\n` +
    renderNotices(report.notices, look) +
    (isComponent ? "" : bootPart(report, look))
  );
}

function bootPart(report: RollbackReport, look: Look): string {
  return (
    section("Boot menu", renderMenuIfAny(report.menu, look), look) +
    (report.menu.some((line) => line.bootsNext && line.running)
      ? "\nIt is running already.\n"
      : "\nReboot to start it.\n")
  );
}
