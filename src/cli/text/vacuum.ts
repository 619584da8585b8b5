// The text of `holdfast vacuum`.
import type { VacuumReport } from "../../wire/reports.ts";
import { type Look, harmless } from "../look.ts";
import { table } from "../table.ts";
import { countText, sizeText } from "../units.ts";
import { section } from "./findings.ts";

export function renderVacuum(report: VacuumReport, look: Look): string {
  const removed = report.removed.map(({ version, why, freedBytes }) => [version, sizeText(freedBytes), harmless(why)]);
  const kept = report.kept.map(({ version, because }) => [version, harmless(because)]);
  const lines = [
    report.sweptLeftovers > 0 ? `Swept up ${countText(report.sweptLeftovers, "leftover")} of unfinished work.` : "",
    report.disabledInstances > 0
      ? `Removed ${countText(report.disabledInstances, "resource")} of features that are switched off.`
      : "",
  ].filter((line) => line !== "");
  if (removed.length === 0 && lines.length === 0) lines.push("There is nothing to remove.");
  const block = (rows: readonly (readonly string[])[], right: readonly number[]): string =>
    rows.length === 0 ? "" : `${table(rows, look, { indent: "  ", right })}\n`;
  const text = section("Removed", block(removed, [1]), look) + section("Kept", block(kept, []), look);
  return (lines.length === 0 ? text : `${lines.join("\n")}\n${text}`).replace(/^\n/, "");
}
