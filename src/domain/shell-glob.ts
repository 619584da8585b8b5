// Shell patterns as fnmatch(3) takes them and systemd uses them in conditions: `*`, `?`, sets with ranges, `\` as escape.
// In steps, not as a regular expression: a pattern from a file must neither be malformed nor take for ever.

type Matches = (char: string) => boolean;

/** A set from behind its `[`; `undefined` where no `]` closes it: then the bracket stands for itself. */
function readSet(pattern: string, from: number): { readonly matches: Matches; readonly next: number } | undefined {
  const negated = pattern.charAt(from) === "!" || pattern.charAt(from) === "^";
  const first = negated ? from + 1 : from;
  const ranges: (readonly [string, string])[] = [];
  for (let at = first; at < pattern.length; at++) {
    if (pattern.charAt(at) === "]" && at > first) {
      const matches: Matches = (char) => ranges.some(([low, high]) => low <= char && char <= high) !== negated;
      return { matches, next: at + 1 };
    }
    if (pattern.charAt(at) === "\\") at++;
    const low = pattern.charAt(at);
    const high = pattern.charAt(at + 2);
    const isRange = pattern.charAt(at + 1) === "-" && high !== "" && high !== "]";
    ranges.push([low, isRange ? high : low]);
    if (isRange) at += 2;
  }
  return undefined;
}

/** What each place of a pattern accepts; `undefined` for a star. */
function parse(pattern: string): readonly (Matches | undefined)[] {
  const places: (Matches | undefined)[] = [];
  /** Where one bracket is not closed, no later one is: looking on for each of them would take for ever. */
  let closes = true;
  for (let at = 0; at < pattern.length; ) {
    const char = pattern.charAt(at);
    const set: ReturnType<typeof readSet> = char === "[" && closes ? readSet(pattern, at + 1) : undefined;
    if (char === "[" && set === undefined) closes = false;
    if (set !== undefined) {
      places.push(set.matches);
      at = set.next;
    } else if (char === "*" || char === "?") {
      places.push(char === "*" ? undefined : () => true);
      at += 1;
    } else {
      const escaped = char === "\\" && at + 1 < pattern.length;
      const wanted = escaped ? pattern.charAt(at + 1) : char;
      places.push((other) => other === wanted);
      at += escaped ? 2 : 1;
    }
  }
  return places;
}

/** Whether `pattern` matches all of `text`. Takes time proportional to the product of their lengths at most. */
export function matchesShellPattern(pattern: string, text: string): boolean {
  const places = parse(pattern);
  let place = 0;
  let at = 0;
  /** Where to go on when what follows the last star does not fit: the star takes one character more. */
  let star: { readonly place: number; at: number } | undefined;
  while (at < text.length) {
    const matches = places[place];
    if (place < places.length && matches === undefined) {
      place += 1;
      star = { place, at };
    } else if (matches?.(text.charAt(at)) === true) {
      place += 1;
      at += 1;
    } else if (star !== undefined) {
      star.at += 1;
      at = star.at;
      place = star.place;
    } else return false;
  }
  return places.slice(place).every((rest) => rest === undefined);
}
