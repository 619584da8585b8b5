// The campaign's figures for people: a row for each operation on each file system, then what went wrong.
import type { CampaignReport, Row } from "./kills.ts";

const heads = [
  "file system",
  "operation",
  "ms",
  "at moments (fifths)",
  "before calls (of)",
  "untouched staged between complete",
  "nothing left",
  "failures",
] as const;

function cells(row: Row): readonly string[] {
  return [
    row.fileSystem,
    row.operation,
    String(row.ms),
    `${row.atMoments} (${row.fifths.join(" ")})`,
    `${row.beforeCalls} (${row.callPlaces})`,
    Object.values(row.stages).join(" "),
    String(row.nothingLeft),
    String(row.failures.length),
  ];
}

export function table({ rows, skipped }: CampaignReport): string {
  const lines = [heads, ...rows.map(cells)];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const sum = (count: (row: Row) => number): number => rows.reduce((total, row) => total + count(row), 0);
  const calls = new Map<string, number>();
  for (const row of rows)
    for (const [name, count] of Object.entries(row.calls)) calls.set(name, (calls.get(name) ?? 0) + count);
  return [
    ...lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")),
    "",
    `kills: ${sum((row) => row.atMoments)} at random moments, ${sum((row) => row.beforeCalls)} before system calls` +
      ` (${[...calls].map(([name, count]) => `${name} ${count}`).join(", ")})`,
    `failures: ${sum((row) => row.failures.length)}`,
    ...rows.flatMap(({ failures }) => failures),
    ...skipped.map((why) => `skipped: ${why}`),
  ].join("\n");
}
