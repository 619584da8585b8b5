// systemd's ini syntax: sections, comments, continued lines, and drop-ins laid over one another (systemd.syntax(7)).
import { Fault } from "../base/fault.ts";

/** One file as it is on disk: a definition, or a drop-in for one. */
export interface UnitSource {
  readonly path: string;
  readonly text: string;
}

/** Something in a definition that has no effect, as systemd would log it. */
export interface Warning {
  readonly file: string;
  readonly line?: number;
  readonly message: string;
}

export type UnitFaultCode =
  | "definition-bad-pattern"
  | "definition-contradictory"
  | "definition-incomplete"
  | "definition-syntax"
  | "definition-too-large"
  | "specifier-unknown";

/** `Key=Value` under `[Section]`, and where it stands (lines count from 1). */
export interface Assignment {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

const maxFileLength = 1 << 20;

/** A Fault about one line of a definition. */
export function unitFault(
  code: UnitFaultCode,
  at: { readonly file: string; readonly line?: number },
  state: string,
  cause?: unknown,
): Fault<UnitFaultCode> {
  const place = at.line === undefined ? at.file : `${at.file}:${at.line}`;
  return new Fault(code, `Cannot use the definition ${place}: ${state}`, {
    ...(cause === undefined ? {} : { cause }),
    ...(cause instanceof Fault && cause.hint !== undefined ? { hint: cause.hint } : {}),
    details: { file: at.file, ...(at.line === undefined ? {} : { line: at.line }) },
  });
}

interface Line {
  readonly text: string;
  readonly number: number;
}

/** Joins lines that end in a backslash; comments are dropped first, also between continued lines. */
function logicalLines(text: string): Line[] {
  const lines: Line[] = [];
  let joined: Line | undefined;
  for (const [index, raw] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    if (/^\s*[#;]/.test(raw)) continue;
    const whole: Line =
      joined === undefined ? { text: raw, number: index + 1 } : { ...joined, text: joined.text + raw };
    const backslashes = /\\*$/.exec(raw)?.[0].length ?? 0;
    joined = backslashes % 2 === 1 ? { ...whole, text: `${whole.text.slice(0, -1)} ` } : undefined;
    if (joined === undefined) lines.push(whole);
  }
  if (joined !== undefined) lines.push(joined);
  return lines;
}

/**
 * All assignments in the known sections, in order. Unknown sections and lines that are no assignment become warnings,
 * as in systemd; a broken section header is a Fault, because what follows it would land in the wrong section.
 */
export function parseUnit(
  source: UnitSource,
  sections: ReadonlySet<string>,
): { assignments: Assignment[]; warnings: Warning[] } {
  const file = source.path;
  if (source.text.length > maxFileLength)
    throw unitFault("definition-too-large", { file }, `it is larger than ${maxFileLength} bytes`);
  if (source.text.includes("\0")) throw unitFault("definition-syntax", { file }, "it contains a NUL byte");
  const assignments: Assignment[] = [];
  const warnings: Warning[] = [];
  let section: string | undefined;
  let ignored = false;
  for (const { text, number: line } of logicalLines(source.text)) {
    const trimmed = text.trim();
    if (trimmed === "") continue;
    if (trimmed.startsWith("[")) {
      if (!trimmed.endsWith("]"))
        throw unitFault("definition-syntax", { file, line }, `bad section header ${trimmed.slice(0, 80)}`);
      section = trimmed.slice(1, -1);
      ignored = !sections.has(section);
      if (ignored && !section.startsWith("X-"))
        warnings.push({ file, line, message: `Unknown section [${section}], ignored` });
      continue;
    }
    if (ignored) continue;
    const equals = trimmed.indexOf("=");
    if (section === undefined) warnings.push({ file, line, message: "Assignment outside of a section, ignored" });
    else if (equals <= 0) warnings.push({ file, line, message: "Line is no assignment, ignored" });
    else {
      const key = trimmed.slice(0, equals).trim();
      assignments.push({ section, key, value: trimmed.slice(equals + 1).trim(), file, line });
    }
  }
  return { assignments, warnings };
}

const trueWords = new Set(["1", "yes", "y", "true", "t", "on"]);
const falseWords = new Set(["0", "no", "n", "false", "f", "off"]);

/** systemd's booleans; undefined for anything else. */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  return trueWords.has(word) ? true : falseWords.has(word) ? false : undefined;
}

/** Words separated by blanks; quotes hold a word together. */
export function splitWords(text: string): string[] {
  return Array.from(text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g), ([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"),
  );
}
