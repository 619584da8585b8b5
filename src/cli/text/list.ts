// The text of `holdfast list`.
import type { ListReport } from "../../wire/reports.ts";
import { type Look, harmless, paint, wrap } from "../look.ts";
import { renderVersions } from "./versions.ts";

export function renderList(report: ListReport, look: Look): string {
  const versions = renderVersions(report.versions, look);
  if (report.sourceProblem === undefined) return versions;
  const warning = wrap(`The source was not asked: ${harmless(report.sourceProblem)}`, look.columns);
  return `${versions}\n${paint(look, "yellow", warning)}\n`;
}
