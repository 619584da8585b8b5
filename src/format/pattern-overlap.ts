// Proves that two patterns can never match one name, or gives a name that both match (`holdfast lint`, P1).
//
// matchPattern is deterministic, so each pattern is a finite automaton: the piece it is in, what its field may still
// be, and how much of the literal after the field has been seen (Knuth, Morris, Pratt: the part of the literal that
// is pending is known, so a field is fed only what turned out not to belong to the literal). A walk over pairs of
// states, shortest names first, reaches an accepting pair exactly when a common name exists.
import { Fault } from "../base/fault.ts";
import type { Pattern, Piece } from "./pattern.ts";
import { type Field, fieldShapes } from "./pattern-field.ts";

/** How far a field's text has come: the forms it may still take, and its length (kept short where a form repeats). */
interface FieldState {
  readonly length: number;
  readonly alive: readonly number[];
}

interface State {
  readonly piece: number;
  /** Characters of this literal, or of the one after this field, that are matched. */
  readonly matched: number;
  readonly field: FieldState | undefined;
}

const maxStates = 400_000;
const readable = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
const alphabet = [...Array.from(readable), ...printable.filter((char) => !readable.includes(char))];

const textOf = (piece: Piece | undefined): string =>
  piece === undefined ? "" : piece.kind === "literal" ? piece.text : piece.kind === "slash" ? "/" : "";

function feedField(field: Field, state: FieldState, char: string): FieldState | undefined {
  const shapes = fieldShapes[field];
  const alive = state.alive.filter((index) => {
    const shape = shapes[index];
    const slot = shape?.slots[state.length] ?? (shape?.loop ? shape.slots.at(-1) : undefined);
    return slot?.includes(char) ?? false;
  });
  if (alive.length === 0) return undefined;
  const loops = alive.some((index) => shapes[index]?.loop);
  return { length: loops ? 1 : state.length + 1, alive };
}

function fieldAccepts(field: Field, state: FieldState): boolean {
  return state.alive.some((index) => state.length >= (fieldShapes[field][index]?.min ?? Number.POSITIVE_INFINITY));
}

/** The length of the longest beginning of `literal` that is also an end of `seen`. */
function longestBeginning(literal: string, seen: string): number {
  for (let length = Math.min(literal.length, seen.length); length > 0; length--)
    if (seen.endsWith(literal.slice(0, length))) return length;
  return 0;
}

class Automaton {
  readonly #pieces: readonly Piece[];
  readonly #anyDepth: boolean;

  constructor(pattern: Pattern) {
    this.#pieces = pattern.pieces;
    this.#anyDepth = pattern.anyDepth;
  }

  start(): State {
    return this.#enter(0);
  }

  #enter(piece: number): State {
    const at = this.#pieces[piece];
    const field =
      at?.kind === "field" ? { length: 0, alive: fieldShapes[at.field].map((_, index) => index) } : undefined;
    return { piece, matched: 0, field };
  }

  /** Undefined: no name that goes on from here matches. */
  step(state: State | undefined, char: string): State | undefined {
    if (this.#anyDepth && char === "/") return this.start();
    if (state === undefined) return undefined;
    const piece = this.#pieces[state.piece];
    if (piece === undefined) return undefined;
    if (piece.kind === "field" && state.field !== undefined)
      return this.#stepField(state, piece.field, state.field, char);
    const literal = textOf(piece);
    if (literal.charAt(state.matched) !== char) return undefined;
    const matched = state.matched + 1;
    return matched === literal.length ? this.#enter(state.piece + 1) : { ...state, matched };
  }

  #stepField(state: State, field: Field, fieldState: FieldState, char: string): State | undefined {
    const literal = textOf(this.#pieces[state.piece + 1]);
    const pending = literal.slice(0, state.matched) + char;
    const matched = longestBeginning(literal, pending);
    let fed: FieldState | undefined = fieldState;
    for (const known of pending.slice(0, pending.length - matched)) {
      fed = feedField(field, fed, known);
      if (fed === undefined) return undefined;
    }
    if (literal === "" || matched < literal.length) return { ...state, matched, field: fed };
    return fieldAccepts(field, fed) ? this.#enter(state.piece + 2) : undefined;
  }

  accepts(state: State | undefined): boolean {
    if (state === undefined) return false;
    const piece = this.#pieces[state.piece];
    if (piece === undefined) return true;
    const last = state.piece === this.#pieces.length - 1;
    return last && piece.kind === "field" && state.field !== undefined && fieldAccepts(piece.field, state.field);
  }

  /** Whether a dead state can come to life again, at the next folder. */
  get revives(): boolean {
    return this.#anyDepth;
  }
}

const keyOf = (state: State | undefined): string =>
  state === undefined
    ? "-"
    : `${state.piece}.${state.matched}.${state.field?.length ?? ""}.${state.field?.alive.join() ?? ""}`;

/** One character for each set of characters that neither pattern tells apart. */
function representatives(a: Pattern, b: Pattern): string[] {
  const pieces = [...a.pieces, ...b.pieces];
  const classes = new Set(
    pieces.flatMap((piece) => (piece.kind === "field" ? fieldShapes[piece.field].flatMap((shape) => shape.slots) : [])),
  );
  const literals = new Set(pieces.flatMap((piece) => Array.from(textOf(piece))));
  const bySignature = new Map<string, string>();
  for (const char of alphabet) {
    const signature =
      literals.has(char) || char === "/" ? `only ${char}` : [...classes].map((set) => set.includes(char)).join();
    if (!bySignature.has(signature)) bySignature.set(signature, char);
  }
  return [...bySignature.values()];
}

/** A shortest name that both patterns match, or undefined: proven that there is none. */
export function overlap(a: Pattern, b: Pattern): string | undefined {
  const left = new Automaton(a);
  const right = new Automaton(b);
  const chars = representatives(a, b);
  let frontier: { name: string; left: State | undefined; right: State | undefined }[] = [
    { name: "", left: left.start(), right: right.start() },
  ];
  const seen = new Set<string>();
  while (frontier.length > 0) {
    const next: typeof frontier = [];
    for (const at of frontier) {
      if (left.accepts(at.left) && right.accepts(at.right)) return at.name;
      for (const char of chars) {
        const pair = { name: at.name + char, left: left.step(at.left, char), right: right.step(at.right, char) };
        if ((pair.left === undefined && !left.revives) || (pair.right === undefined && !right.revives)) continue;
        const key = `${keyOf(pair.left)}|${keyOf(pair.right)}`;
        if (seen.has(key)) continue;
        seen.add(key);
        next.push(pair);
      }
    }
    if (seen.size > maxStates)
      throw new Fault(
        "pattern-too-complex",
        `Cannot compare the patterns ${a.text} and ${b.text}: they have too many states`,
      );
    frontier = next;
  }
  return undefined;
}
