// A picture of the comparison: for each headline that has figures of all, how many of the runs ended as promised.
import type { Headline, PartResult } from "../part.ts";

interface Row {
  readonly question: string;
  /** systemd-sysupdate 257, 262, Holdfast: 0 to 1. */
  readonly shares: readonly number[];
  readonly texts: readonly string[];
}

const heads = ["systemd-sysupdate 257", "262", "Holdfast"] as const;
const labelWidth = 430;
const barWidth = 150;
const gap = 20;
const rowHeight = 26;
const top = 44;

/** SVG; without anything to compare, an empty picture. */
export function overview(results: readonly PartResult[]): string {
  const rows = results.flatMap(({ headlines }) => headlines.flatMap((headline) => rowOf(headline) ?? []));
  const width = labelWidth + 3 * (barWidth + gap);
  const height = top + rows.length * rowHeight + 8;
  const column = (index: number): number => labelWidth + index * (barWidth + gap);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="8" y="18" font-weight="bold">Share of runs that ended as promised</text>`,
    ...heads.map((head, index) => `<text x="${column(index)}" y="36" font-weight="bold">${head}</text>`),
    ...rows.flatMap((row, index) => drawRow(row, top + index * rowHeight, column)),
    "</svg>",
    "",
  ].join("\n");
}

function drawRow({ question, shares, texts }: Row, y: number, column: (index: number) => number): readonly string[] {
  const label = `<text x="8" y="${y + 15}">${escape(shorten(question))}</text>`;
  const bars = shares.flatMap((share, index) => [
    `<rect x="${column(index)}" y="${y}" width="${barWidth}" height="20" fill="#e9c3bd"/>`,
    `<rect x="${column(index)}" y="${y}" width="${Math.round(barWidth * share)}" height="20" fill="#9fc9a8"/>`,
    `<text x="${column(index) + 6}" y="${y + 15}">${escape(texts[index] ?? "")}</text>`,
  ]);
  return [label, ...bars];
}

/** The wanted end of the scale is the one that Holdfast reached where the promise was kept. */
function rowOf({ question, holdfast, kept, sysupdate257, sysupdate262 }: Headline): Row | undefined {
  if (!kept || sysupdate257 === undefined || sysupdate262 === undefined) return undefined;
  const texts = [sysupdate257, sysupdate262, holdfast];
  const shares = texts.map(shareOf);
  const own = shares[2];
  if (own !== 0 && own !== 1) return undefined;
  const known = shares.filter((share) => share !== undefined);
  if (known.length < texts.length) return undefined;
  return { question, texts, shares: known.map((share) => (own === 1 ? share : 1 - share)) };
}

/** Of "3 of 200". */
function shareOf(text: string): number | undefined {
  const [, count = "", total = ""] = /^(\d+) of (\d+)/.exec(text) ?? [];
  return Number(total) > 0 ? Number(count) / Number(total) : undefined;
}

function shorten(text: string): string {
  return text.length <= 72 ? text : `${text.slice(0, 71)}…`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
