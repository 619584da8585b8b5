// Findings of an audit: how bad, what, and what to do about it.
import type { FindingLine } from "../../wire/reports.ts";
import { type Look, type Style, harmless, paint, wrap } from "../look.ts";

type Severity = FindingLine["severity"];

const styles: Readonly<Record<Severity, Style>> = { error: "red", warning: "yellow", info: "cyan" };
const order: readonly Severity[] = ["error", "warning", "info"];

export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly sentence: string;
  readonly remedy: string;
}

/** Worst first; each with its remedy on a line of its own. Ends with a newline unless it is empty. */
export function renderFindings(findings: readonly Finding[], look: Look): string {
  return [...findings]
    .sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
    .map(({ code, severity, sentence, remedy }) => {
      const label = severity === "info" ? "note" : severity;
      const first = wrap(`${label}: ${harmless(sentence)} [${code}]`, look.columns - 2, "  ");
      const painted = paint(look, styles[severity], label) + first.slice(label.length);
      return `${painted}\n${remedy === "" ? "" : `  ${wrap(harmless(remedy), look.columns - 4, "  ")}\n`}`;
    })
    .join("");
}

/** Notices, a line each with a star. */
export function renderNotices(notices: readonly string[], look: Look): string {
  return notices.map((notice) => `${wrap(`* ${harmless(notice)}`, look.columns - 2, "  ")}\n`).join("");
}

/** A title over a block, with an empty line before it; nothing where the block is empty. */
export function section(title: string, block: string, look: Look): string {
  return block === "" ? "" : `\n${paint(look, "bold", title)}\n${block}`;
}
