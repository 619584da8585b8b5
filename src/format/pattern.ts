// MatchPattern: names to versions and back. Whole names only: a prefix match is what bricked machines (DESIGN, P1).
import { Fault } from "../base/fault.ts";
import { type Field, type Fields, isField, readField, writeField } from "./pattern-field.ts";

export type { Field, Fields } from "./pattern-field.ts";
export { overlap } from "./pattern-overlap.ts";

export type PatternFaultCode =
  | "pattern-ambiguous-name"
  | "pattern-any-depth-path"
  | "pattern-bad-character"
  | "pattern-fields-touch"
  | "pattern-missing-field"
  | "pattern-not-relative"
  | "pattern-repeated-field"
  | "pattern-too-long"
  | "pattern-trailing-at"
  | "pattern-unknown-field"
  | "pattern-without-version";

export type Piece =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "slash" }
  | { readonly kind: "field"; readonly field: Field };

export interface Pattern {
  /** As written in the definition. */
  readonly text: string;
  readonly pieces: readonly Piece[];
  /** A pattern that began with a globbed directory: the rest is matched against the last part of a path. */
  readonly anyDepth: boolean;
}

const anyDepthPrefix = "**/";
/** systemd limits the expanded word to the length of a file name. */
const maxPatternLength = 255;
const reservedCharacters = "$*?[]!\\|";

function refuse(code: PatternFaultCode, text: string, state: string, hint?: string): Fault<PatternFaultCode> {
  const shown = JSON.stringify(text.slice(0, 300));
  return new Fault(code, `Cannot use the pattern ${shown}: ${state}`, hint === undefined ? {} : { hint });
}

function appendLiteral(pieces: Piece[], char: string): void {
  const last = pieces.at(-1);
  if (last?.kind === "literal") pieces[pieces.length - 1] = { kind: "literal", text: last.text + char };
  else pieces.push({ kind: "literal", text: char });
}

function appendField(pieces: Piece[], letter: string, text: string): void {
  if (!isField(letter))
    throw refuse("pattern-unknown-field", text, `@${letter} is no wildcard`, "Write @@ for a literal @.");
  if (pieces.some((piece) => piece.kind === "field" && piece.field === letter))
    throw refuse("pattern-repeated-field", text, `@${letter} appears twice`);
  if (pieces.at(-1)?.kind === "field")
    throw refuse("pattern-fields-touch", text, `nothing separates @${letter} from the wildcard before it`);
  pieces.push({ kind: "field", field: letter });
}

function splitPieces(body: string, text: string): Piece[] {
  const pieces: Piece[] = [];
  for (let index = 0; index < body.length; index++) {
    const char = body.charAt(index);
    if (char === "@") {
      const letter = body.charAt(++index);
      if (letter === "") throw refuse("pattern-trailing-at", text, "it ends in @", "Write @@ for a literal @.");
      if (letter === "@") appendLiteral(pieces, "@");
      else appendField(pieces, letter, text);
    } else if (char === "/") pieces.push({ kind: "slash" });
    else if (char < " " || char >= "\x7f" || reservedCharacters.includes(char))
      throw refuse("pattern-bad-character", text, `the character ${JSON.stringify(char)} is reserved`);
    else appendLiteral(pieces, char);
  }
  return pieces;
}

/** Whether `path` stays below the folder it is used in: no empty part, no `.` and no `..`. */
function isRelative(path: string): boolean {
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** Reads one pattern; rules and reserved characters as in sysupdate.d(5). Throws a Fault (PatternFaultCode). */
export function parsePattern(text: string): Pattern {
  if (text.length > maxPatternLength)
    throw refuse("pattern-too-long", text, `it is longer than ${maxPatternLength} characters`);
  const anyDepth = text.startsWith(anyDepthPrefix);
  const body = anyDepth ? text.slice(anyDepthPrefix.length) : text;
  const pieces = splitPieces(body, text);
  if (!pieces.some((piece) => piece.kind === "field" && piece.field === "v"))
    throw refuse("pattern-without-version", text, "it has no @v", "Put @v where the version stands.");
  if (anyDepth && body.includes("/"))
    throw refuse("pattern-any-depth-path", text, `only a file name may follow ${anyDepthPrefix}`);
  if (!isRelative(body)) throw refuse("pattern-not-relative", text, "it leaves its folder or has an empty part");
  return { text, pieces, anyDepth };
}

/**
 * What `name` says when all of it matches, undefined otherwise. A field reaches to the first occurrence of the
 * literal after it, without backtracking, as systemd matches.
 */
export function matchPattern(pattern: Pattern, name: string): Fields | undefined {
  if (!isRelative(name)) return undefined;
  const found: Partial<Fields> = {};
  let rest = pattern.anyDepth ? name.slice(name.lastIndexOf("/") + 1) : name;
  for (const [index, piece] of pattern.pieces.entries()) {
    if (piece.kind === "field") {
      const end = fieldEnd(rest, pattern.pieces[index + 1]);
      if (end < 0) return undefined;
      const value = readField(piece.field, rest.slice(0, end));
      if (value === undefined) return undefined;
      Object.assign(found, value);
      rest = rest.slice(end);
    } else {
      const text = piece.kind === "slash" ? "/" : piece.text;
      if (!rest.startsWith(text)) return undefined;
      rest = rest.slice(text.length);
    }
  }
  return rest === "" && found.version !== undefined ? { ...found, version: found.version } : undefined;
}

function fieldEnd(rest: string, next: Piece | undefined): number {
  if (next === undefined) return rest.length;
  return rest.indexOf(next.kind === "literal" ? next.text : "/");
}

/** The first listed pattern that matches wins, as in systemd. */
export function matchPatterns(
  patterns: readonly Pattern[],
  name: string,
): { fields: Fields; pattern: Pattern; index: number } | undefined {
  for (const [index, pattern] of patterns.entries()) {
    const fields = matchPattern(pattern, name);
    if (fields !== undefined) return { fields, pattern, index };
  }
  return undefined;
}

/**
 * The name that `fields` have under `pattern`. Throws a Fault where a field has no value, and where the name would
 * not be read back as the same version: such an instance could be installed and then never found again.
 */
export function formatPattern(pattern: Pattern, fields: Fields): string {
  let name = "";
  for (const piece of pattern.pieces) {
    if (piece.kind === "literal") name += piece.text;
    else if (piece.kind === "slash") name += "/";
    else {
      const text = writeField(piece.field, fields);
      if (text === undefined)
        throw refuse("pattern-missing-field", pattern.text, `there is no value for @${piece.field}`);
      name += text;
    }
  }
  if (matchPattern(pattern, name)?.version !== fields.version)
    throw refuse(
      "pattern-ambiguous-name",
      pattern.text,
      `${JSON.stringify(name)} would not be read as version ${fields.version}`,
    );
  return name;
}

export function patternFields(pattern: Pattern): ReadonlySet<Field> {
  return new Set(pattern.pieces.flatMap((piece) => (piece.kind === "field" ? [piece.field] : [])));
}
