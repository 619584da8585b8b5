// The boot menu as the loader orders it, with counters and marks; used by every command that changes what boots.
import type { MenuLine } from "../../wire/reports.ts";
import { type Look, type Style, harmless } from "../look.ts";
import { type Row, table } from "../table.ts";

const verdictWords: Readonly<Record<MenuLine["verdict"], readonly [string, Style | undefined]>> = {
  sound: ["sound", "green"],
  unchecked: ["not checked lately", undefined],
  incomplete: ["incomplete", "red"],
  damaged: ["damaged", "red"],
  "refused-by-firmware": ["Secure Boot refuses it", "red"],
  "ignored-by-loader": ["the loader skips it", "yellow"],
  foreign: ["not ours", "dim"],
};

/** `2 tries left`, `no tries left`; nothing for an entry without a counter: it is judged good. */
export function triesText(line: Pick<MenuLine, "triesLeft">): string {
  if (line.triesLeft === undefined) return "";
  if (line.triesLeft === 0) return "no tries left";
  return line.triesLeft === 1 ? "1 try left" : `${line.triesLeft} tries left`;
}

function marks(line: MenuLine): string {
  const words = [line.bootsNext ? "next" : "", line.running ? "running" : "", line.wayBack ? "way back" : ""];
  return words.filter((word) => word !== "").join(", ");
}

function row(line: MenuLine): Row {
  const [word, style] = verdictWords[line.verdict];
  // A problem of its own says what is damaged or missing, and that it is.
  const told = line.problems.length > 0 && (line.verdict === "damaged" || line.verdict === "incomplete");
  const state = [...(told ? [] : [word]), ...line.problems.map(harmless)].join("; ");
  return [
    { text: line.bootsNext ? ">" : "", style: "bold" },
    { text: harmless(line.version ?? line.title ?? line.fileName), style: line.bootsNext ? "bold" : undefined },
    harmless(line.fileName),
    { text: triesText(line), style: line.triesLeft === 0 ? "red" : undefined },
    { text: marks(line), style: "cyan" },
    { text: state, style },
  ];
}

/** Lines with a newline at the end. */
export function renderMenu(menu: readonly MenuLine[], look: Look): string {
  if (menu.length === 0) return "  There is no boot entry.\n";
  const rows = [...menu].sort((a, b) => a.position - b.position).map(row);
  const narrow = rows.map((cells) => [cells[0], cells[1], cells[3], cells[4], cells[5]] as Row);
  const wide = table(rows, look, { head: ["", "ENTRY", "FILE", "TRIES", "MARKS", "STATE"], indent: "  " });
  const fits = wide.split("\n").every((line) => visibleLength(line) <= look.columns);
  const head = ["", "ENTRY", "TRIES", "MARKS", "STATE"];
  return `${fits ? wide : table(narrow, look, { head, indent: "  " })}\n`;
}

/** Nothing where there is no entry: a component has none. */
export function renderMenuIfAny(menu: readonly MenuLine[], look: Look): string {
  return menu.length === 0 ? "" : renderMenu(menu, look);
}

function visibleLength(line: string): number {
  // eslint-disable-next-line no-control-regex -- colour codes take no room
  return line.replaceAll(/\u001b\[\d+m/g, "").length;
}
