// What the demonstration prints: short headings, sentences, tables; colour on a terminal only.
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Coloured when standard output is a terminal and NO_COLOR is not set. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

export function heading(number: number, text: string): void {
  console.log(`\n${paint(["bold", "cyan"], `${number}. ${text}`)}`);
}

/** A paragraph, wrapped for 80 columns. */
export function say(text: string): void {
  console.log(wrap(text, 76, "   "));
}

/** A short fact below a paragraph. */
export function fact(name: string, value: string): void {
  console.log(`   ${paint("dim", name.padEnd(11))} ${value}`);
}

export function command(text: string): void {
  console.log(`\n   ${paint("dim", "$")} ${paint("bold", text)}`);
}

export function good(text: string): void {
  console.log(`   ${paint("green", "✔")} ${text}`);
}

export function bad(text: string): void {
  console.log(`   ${paint(["red", "bold"], "✘")} ${text}`);
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  for (const [index, row] of rows.entries()) {
    const line = row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
    console.log(`   ${index === 0 ? paint("dim", line) : line}`);
  }
}

/** In the units Holdfast itself prints. */
export function amount(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}

function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => indent + each).join("\n");
}
