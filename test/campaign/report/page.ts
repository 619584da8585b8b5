// The page docs/reliability.md: what was counted beside what was promised, then a section for each part (issue 3).
import type { Cell, Headline, PartResult, Table } from "../part.ts";

const intro = `# How Holdfast behaves when things go wrong

This page is written by \`npm run campaign\` from the results in [reliability/](reliability/), never by hand; a test compares
them. Every line was measured, at the commit and with the seed that its section names, and can be measured again with the
command that stands there. The columns for systemd-sysupdate are Debian's packages of versions
257 and 262 under the same faults, judged by the same judge; a dash means that it was not measured. An entry is BROKEN when
the boot loader would start it and its image is absent or is not what was published.
`;

/** Markdown; the same results give the same text. */
export function renderPage(results: readonly PartResult[]): string {
  const blocks = [intro.trim()];
  if (results.some((result) => comparable(result)))
    blocks.push("![Shares of runs that ended as promised, side by side](reliability/overview.svg)");
  if (results.length === 0) blocks.push("Nothing has been measured yet: run `npm run campaign`.");
  else blocks.push("## At a glance", summary(results), wrongs(results), ...results.map(section));
  return `${blocks.join("\n\n")}\n`;
}

function comparable({ headlines }: PartResult): boolean {
  return headlines.some(({ sysupdate257, sysupdate262 }) => sysupdate257 !== undefined || sysupdate262 !== undefined);
}

function summary(results: readonly PartResult[]): string {
  const rows = results.flatMap(({ title, headlines }) => [
    ...(headlines.length === 0 ? [] : [[`**[${title}](#${anchor(title)})**`, "", "", "", ""]]),
    ...headlines.map(headlineRow),
  ]);
  return markdownTable(["what was counted", "systemd-sysupdate 257", "262", "Holdfast", "promise"], rows);
}

function headlineRow({ question, holdfast, kept, sysupdate257, sysupdate262 }: Headline): readonly Cell[] {
  return [question, sysupdate257 ?? "–", sysupdate262 ?? "–", holdfast, kept ? "kept" : "**NOT KEPT**"];
}

function wrongs(results: readonly PartResult[]): string {
  const found = results.flatMap(({ title, wrong }) => wrong.map((what) => bullet(`${title}: ${what}`)));
  return ["## What was found wrong", found.length === 0 ? "Nothing." : found.join("\n")].join("\n\n");
}

function section(result: PartResult): string {
  const { title, told, tables, wrong, notTried, commit, date, seed, scale, seconds, repeat } = result;
  const where =
    `Commit ${commit}, ${date}, seed ${seed}, scale ${scale}, ${duration(seconds)}. To repeat it:\n\n` +
    `\`\`\`\n${repeat}\n\`\`\``;
  const blocks = [`## ${title}`, told.trim(), ...tables.map(renderTable)];
  if (wrong.length > 0) blocks.push("Found wrong:", wrong.map(bullet).join("\n"));
  if (notTried.length > 0) blocks.push("Not tried:", notTried.map(bullet).join("\n"));
  return [...blocks, where].join("\n\n");
}

function renderTable({ caption, columns, rows }: Table): string {
  const table = markdownTable(columns, rows);
  return caption === undefined ? table : `${caption}:\n\n${table}`;
}

export function markdownTable(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const numeric = columns.map((_, index) => rows.length > 0 && rows.every((row) => typeof row[index] === "number"));
  const line = (cells: readonly Cell[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(columns), `|${numeric.map((right) => (right ? "---:" : "---")).join("|")}|`, ...rows.map(line)].join(
    "\n",
  );
}

/** A cell ends at a bar and at the end of the line. */
function cell(content: Cell): string {
  return oneLine(String(content)).replaceAll("|", String.raw`\|`);
}

function bullet(text: string): string {
  return `- ${oneLine(text)}`;
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, " ");
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** As renderers of Markdown name a heading. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, "")
    .replaceAll(" ", "-");
}
