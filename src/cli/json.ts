// `--json`: exactly one value a command. Integers too large for a JavaScript number travel as decimal strings.

/** `value` on one line, with a newline. `undefined` properties are written as null, so that a report's shape is stable. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === "bigint") return part.toString();
    return part === undefined ? null : part;
  })}\n`;
}
