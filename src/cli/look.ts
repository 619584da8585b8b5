// How text is drawn: with colour or without, how wide, and what time it is now (for ages). Text is pure given a Look.

export interface Look {
  readonly colour: boolean;
  /** Never below 40; text is wrapped and tables are cut to it. */
  readonly columns: number;
  readonly nowMs: number;
}

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

// SGR codes of ECMA-48: switch on, switch off.
const codes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** `text` in a style, or as it is where there is no colour. */
export function paint(look: Look, style: Style | undefined, text: string): string {
  if (!look.colour || style === undefined || text === "") return text;
  const [on, off] = codes[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

/** Colour goes to a terminal only, and never where NO_COLOR is set (https://no-color.org) or the terminal is dumb. */
export function wantsColour(isTerminal: boolean, env: Readonly<Partial<Record<string, string>>>): boolean {
  return isTerminal && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}

/** Control characters of foreign text (titles, labels) would let it draw over ours. */
export function harmless(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "?");
}

/** A clause as the beginning of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A clause as a sentence of its own. */
export function sentence(clause: string): string {
  return `${capital(clause)}${clause.endsWith(".") ? "" : "."}`;
}

/** Words broken into lines of at most `width`, continued lines indented; a longer word stays whole. */
export function wrap(text: string, width: number, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.join("\n");
}
