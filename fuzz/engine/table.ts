// What was done, as a table: for the terminal, and for the page of the campaign.
import type { Fuzzed } from "./fuzz.ts";

type Cell = string | number;

export const columns: readonly string[] = [
  "target",
  "executions",
  "a second",
  "corpus",
  "edges reached",
  "per cent",
  "slowest, ms",
  "largest allocation, KiB",
  "crashes",
];

export function rows(all: readonly Fuzzed[]): readonly (readonly Cell[])[] {
  return all.map((one) => [
    one.target,
    one.executions,
    Math.round(one.executions / one.seconds),
    one.corpus.length,
    `${one.edges.reached} of ${one.edges.total}`,
    // Of a thread that hung or died this much is not known.
    one.edges.total === 0 ? "?" : Math.floor((100 * one.edges.reached) / one.edges.total),
    Number.isNaN(one.slowestMilliseconds) ? "?" : Number(one.slowestMilliseconds.toFixed(1)),
    Number.isNaN(one.largestBytes) ? "?" : Math.round(one.largestBytes / 1024),
    one.crashes.length,
  ]);
}

export function total(all: readonly Fuzzed[]): {
  readonly executions: number;
  readonly reached: number;
  readonly edges: number;
  readonly crashes: number;
} {
  const sum = (of: (one: Fuzzed) => number): number => all.reduce((before, one) => before + of(one), 0);
  return {
    executions: sum(({ executions }) => executions),
    reached: sum(({ edges }) => edges.reached),
    edges: sum(({ edges }) => edges.total),
    crashes: sum(({ crashes }) => crashes.length),
  };
}

/** Each crash, where its input lies, and how to see it again. */
export function crashLines(all: readonly Fuzzed[]): readonly string[] {
  return all.flatMap(({ target, crashes }) =>
    crashes.map(
      ({ kind, what, file }) => `${target} ${kind}: ${what}\n  see it again: npm run fuzz -- ${target} ${file}`,
    ),
  );
}

/** For a terminal: text to the left, numbers to the right. */
export function draw(all: readonly Fuzzed[]): string {
  const { executions, reached, edges, crashes } = total(all);
  const last = [
    "in all",
    executions,
    "",
    "",
    `${reached} of ${edges}`,
    Math.floor((100 * reached) / edges),
    "",
    "",
    crashes,
  ];
  const lines = [columns, ...rows(all), last].map((line) => line.map(String));
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
        .join("  "),
    )
    .join("\n");
}
