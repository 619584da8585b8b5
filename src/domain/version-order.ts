// The order of versions (UAPI.10 version format specification; interfaces D.9). systemd-sysupdate, bootctl and
// systemd-boot compare with the same rules, so one function serves the planner and the loader model.

/** Which segment separators a position starts with; `~` and the end of the text are handled before these. */
const separators = ["-", "^", "."] as const;

const isDigit = (char: string): boolean => char >= "0" && char <= "9";
const isLetter = (char: string): boolean => (char >= "a" && char <= "z") || (char >= "A" && char <= "Z");
const counts = (char: string): boolean =>
  isDigit(char) || isLetter(char) || char === "~" || char === "-" || char === "^" || char === ".";

/** A text being read from left to right; `peek` is "" at its end. */
class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  peek(): string {
    return this.#text.charAt(this.#at);
  }

  skip(): void {
    this.#at += 1;
  }

  /** Characters outside the alphabet of versions only separate segments: `123_a` equals `123a`. */
  skipOthers(): void {
    while (this.peek() !== "" && !counts(this.peek())) this.#at += 1;
  }

  take(wanted: (char: string) => boolean): string {
    const start = this.#at;
    while (this.peek() !== "" && wanted(this.peek())) this.#at += 1;
    return this.#text.slice(start, this.#at);
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** An absent number is older than 0; leading zeros mean nothing; any length, without parsing. */
function compareNumbers(a: string, b: string): number {
  if (a === "" || b === "") return Math.sign(a.length - b.length);
  const [shortA, shortB] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
  return Math.sign(shortA.length - shortB.length) || compareText(shortA, shortB);
}

/** Compares what both texts have at one position, and moves both past it when they are equal. */
function compareMarks(a: Cursor, b: Cursor, mark: string): number {
  const [hasA, hasB] = [a.peek() === mark, b.peek() === mark];
  if (hasA !== hasB) return hasA ? -1 : 1;
  if (hasA) {
    a.skip();
    b.skip();
  }
  return 0;
}

/** Negative when `a` is older than `b`, positive when newer, 0 when they mean the same (`1.0` and `1.00`). */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [new Cursor(a), new Cursor(b)];
  for (;;) {
    left.skipOthers();
    right.skipOthers();
    const beta = compareMarks(left, right, "~");
    if (beta !== 0) return beta;
    if (left.peek() === "" || right.peek() === "") return Math.sign(left.peek().length - right.peek().length);
    for (const separator of separators) {
      const order = compareMarks(left, right, separator);
      if (order !== 0) return order;
    }
    const numeric = isDigit(left.peek()) || isDigit(right.peek());
    const order = numeric
      ? compareNumbers(left.take(isDigit), right.take(isDigit))
      : compareText(left.take(isLetter), right.take(isLetter));
    if (order !== 0) return order;
  }
}

/** For `sort`: newest first. Texts that mean the same version keep one order, so that lists do not flicker. */
export function newestFirst(a: string, b: string): number {
  return compareVersions(b, a) || compareText(a, b);
}
