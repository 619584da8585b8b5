// The text of `holdfast history`.
import { dateText } from "../../base/date-text.ts";
import type { HistoryLine } from "../../wire/reports.ts";
import { type Look, harmless } from "../look.ts";
import { table } from "../table.ts";

export function renderHistory(lines: readonly HistoryLine[], look: Look): string {
  if (lines.length === 0) return "The journal is empty: Holdfast has not done anything here yet.\n";
  const rows = lines.map(({ atMs, version, text }) => [
    { text: dateText(atMs), style: "dim" as const },
    version ?? "-",
    harmless(text),
  ]);
  return `${table(rows, look)}\n`;
}
