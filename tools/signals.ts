// Writes what is generated of the signals: the message catalog, and the tables of docs/signals.md. A test compares them.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { journalEvents } from "../src/domain/journal-events.ts";
import { journalCatalog } from "../src/wire/journal-catalog.ts";
import { journalFields } from "../src/wire/journal-fields.ts";
import { metrics } from "../src/wire/metrics.ts";

const root = join(import.meta.dirname, "..");

function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [heads, heads.map(() => "---"), ...rows];
  return lines.map((cells) => (cells[0] === "---" ? `|${cells.join("|")}|` : `| ${cells.join(" | ")} |`)).join("\n");
}

/** Name of the marked part of docs/signals.md, and what it says. */
const parts: Readonly<Record<string, () => string>> = {
  fields: () =>
    table(
      ["field", "what it says"],
      journalFields.map(({ name, meaning }) => [`\`${name}\``, meaning]),
    ),
  events: () =>
    table(
      ["event", "`MESSAGE_ID`", "priority", "what happened"],
      Object.entries(journalEvents).map(([event, { messageId, priority, subject }]) => [
        `\`${event}\``,
        `\`${messageId}\``,
        priority,
        subject,
      ]),
    ),
  metrics: () =>
    table(
      ["metric", "labels", "what it says"],
      metrics.map(({ name, labels, help }) => [
        `\`${name}\``,
        labels.map((label) => `\`${label}\``).join(", "),
        help.replace(/\.$/, ""),
      ]),
    ),
};

function page(text: string): string {
  return Object.entries(parts).reduce((before, [name, make]) => {
    const [begin, end] = [`<!-- ${name}: written by tools/signals.ts -->\n`, `\n<!-- end of ${name} -->`];
    const [from, to] = [before.indexOf(begin), before.indexOf(end)];
    if (from === -1 || to < from) throw new Error(`docs/signals.md has no marked part ${name}`);
    return before.slice(0, from + begin.length) + make() + before.slice(to);
  }, text);
}

/** Path in the checkout, and the text it is to have. */
export function signalFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["packaging/journal/holdfast.catalog", journalCatalog()],
    ["docs/signals.md", page(readFileSync(join(root, "docs/signals.md"), "utf8"))],
  ]);
}

if (import.meta.main) for (const [path, text] of signalFiles()) writeFileSync(join(root, path), text);
