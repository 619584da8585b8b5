// One measured figure with its goal, and the page that shows them all.
import { cpus, loadavg, release as kernelRelease, totalmem } from "node:os";

export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly goal: string;
  /** `undefined`: it has no goal of its own, or could not be measured. */
  readonly met: boolean | undefined;
  /** Sentences below the table: how it came about, and the profile when it missed. */
  readonly notes: readonly string[];
}

/** Markdown, also pleasant on a terminal. */
export function resultsPage(figures: readonly Figure[], nowMs: number): string {
  const verdict = (figure: Figure): string => (figure.met === undefined ? "" : figure.met ? "met" : "**missed**");
  const rows = figures.map((figure) => [figure.name, figure.value, figure.goal, verdict(figure)]);
  const all = [["figure", "measured", "goal", ""], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  const notes = figures.filter((figure) => figure.notes.length > 0);
  return [
    "# Measured",
    "",
    `Written by \`npm run bench\` on ${new Date(nowMs).toISOString().slice(0, 10)}: ${machine()}.`,
    "",
    line(all[0] ?? []),
    rule,
    ...rows.map(line),
    "",
    ...notes.flatMap((figure) => [`**${figure.name}.** ${figure.notes.join(" ")}`, ""]),
  ].join("\n");
}

/** What figures were measured on. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[2]?.toFixed(1) ?? "unknown";
  return `${cpus().length} cores (${model}, load ${load} over 15 minutes), ${memory} GiB, Linux ${kernelRelease()}, Node ${process.version}`;
}
