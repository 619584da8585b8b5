// Tables as systemd prints them: headings in capitals, one space between columns, nothing trailing.
import { type Look, type Style, paint } from "../look.ts";

export interface Column {
  readonly head: string;
  readonly align?: "left" | "right" | "centre";
}

export interface ColumnRow {
  readonly cells: readonly string[];
  readonly style?: Style | undefined;
}

/** A sign is one column wide, whatever it takes in UTF-16; a variation selector takes no room. */
function widthOf(text: string): number {
  return [...text.replaceAll("\uFE0F", "")].length;
}

function pad(text: string, width: number, align: Column["align"]): string {
  const room = width - widthOf(text);
  const before = align === "right" ? room : align === "centre" ? Math.floor(room / 2) : 0;
  return " ".repeat(before) + text + " ".repeat(room - before);
}

/** Lines, each with a newline. */
export function columns(heads: readonly Column[], rows: readonly ColumnRow[], look: Look, legend: boolean): string {
  const width = heads.map(({ head }, index) =>
    Math.max(legend ? widthOf(head) : 0, ...rows.map(({ cells }) => widthOf(cells[index] ?? ""))),
  );
  const line = (cells: readonly string[], style?: Style): string => {
    const padded = heads.map(({ align }, index) => pad(cells[index] ?? "", width[index] ?? 0, align));
    return `${paint(look, style, padded.join(" ").trimEnd())}\n`;
  };
  const head = legend && rows.length > 0 ? line(heads.map((column) => column.head.toUpperCase())) : "";
  return head + rows.map(({ cells, style }) => line(cells, style)).join("");
}
