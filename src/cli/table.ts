// Tables of plain text: columns as wide as their widest cell, the last one wrapped to the width there is.
import { type Look, type Style, paint, wrap } from "./look.ts";

export interface Cell {
  readonly text: string;
  readonly style?: Style | undefined;
}

export type Row = readonly (string | Cell)[];

export interface TableOptions {
  /** Headings in capitals; none where left out. */
  readonly head?: readonly string[];
  /** Put before every line. */
  readonly indent?: string;
  /** Columns (from 0) aligned to the right. */
  readonly right?: readonly number[];
}

function textOf(cell: string | Cell | undefined): string {
  if (cell === undefined) return "";
  return typeof cell === "string" ? cell : cell.text;
}

/** Lines of the table, without a newline at the end. Columns that are empty in every row are left out. */
export function table(rows: readonly Row[], look: Look, options: TableOptions = {}): string {
  const { head, indent = "", right = [] } = options;
  const count = Math.max(0, ...rows.map((row) => row.length));
  const used = Array.from({ length: count }, (_, index) => index).filter((index) =>
    rows.some((row) => textOf(row[index]) !== ""),
  );
  const width = (index: number): number =>
    Math.max(head?.[index]?.length ?? 0, ...rows.map((row) => textOf(row[index]).length));
  const last = used.at(-1);
  const start = used.slice(0, -1).reduce((sum, index) => sum + width(index) + 2, indent.length);
  const room = Math.max(20, look.columns - start);

  const line = (row: Row, style?: Style): string => {
    let painted = indent;
    let pending = "";
    for (const index of used) {
      const text = textOf(row[index]);
      const cell = row[index];
      const cellStyle = style ?? (typeof cell === "object" ? cell.style : undefined);
      const gap = " ".repeat(width(index) - text.length);
      const shown =
        index === last && !right.includes(index) ? wrap(text, room).replaceAll("\n", `\n${" ".repeat(start)}`) : text;
      const body = paint(look, cellStyle, shown);
      painted += right.includes(index) ? pending + gap + body : pending + body;
      pending = right.includes(index) ? "  " : `${gap}  `;
    }
    return painted.replace(/ +$/, "");
  };

  const lines = rows.map((row) => line(row));
  if (head !== undefined) lines.unshift(line(head.slice(0, count), "dim"));
  return lines.join("\n");
}

/** Names and values, names aligned: `Way back    5.2`. Rows without a value are left out. */
export function facts(rows: readonly (readonly [string, string | Cell | undefined])[], look: Look): string {
  const shown = rows.filter((row): row is readonly [string, string | Cell] => textOf(row[1]) !== "");
  return table(
    shown.map(([name, value]) => [{ text: name, style: "bold" as const }, value]),
    look,
  );
}
