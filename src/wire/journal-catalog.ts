// The message catalog for `journalctl -x`, written from the table of events (format: systemd's catalog files).
import { journalEvents } from "../domain/journal-events.ts";

const columns = 80;

function wrapped(paragraph: string): string {
  let [text, width] = ["", 0];
  for (const word of paragraph.split(" ")) {
    const breaks = width > 0 && width + 1 + word.length > columns;
    text += `${width === 0 ? "" : breaks ? "\n" : " "}${word}`;
    width = breaks || width === 0 ? word.length : width + 1 + word.length;
  }
  return text;
}

/** packaging/journal/holdfast.catalog */
export function journalCatalog(): string {
  const entries = Object.values(journalEvents).map(
    ({ messageId, subject, explanation }) =>
      `-- ${messageId}\nSubject: ${subject}\nDefined-By: Holdfast\nDocumentation: man:holdfast(1)\n\n` +
      `${explanation.map(wrapped).join("\n\n")}\n`,
  );
  return `# Written from src/domain/journal-events.ts by tools/signals.ts.\n\n${entries.join("\n")}`;
}
