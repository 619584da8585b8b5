// The patterns of LoaderEntryDefault, loader.conf's `default` and the like, as systemd-boot matches them
// (src/boot/efi-string.c, efi_fnmatch): `*`, `?`, sets with ranges, `\` as escape; no negated sets.

type Token =
  | { readonly kind: "any-text" }
  | { readonly kind: "any-char" }
  | { readonly kind: "set"; readonly ranges: readonly (readonly [string, string])[] };

/** One member of a set: the character and where the next one starts. `undefined` when the pattern ends before. */
function readMember(pattern: string, at: number): { readonly char: string; readonly next: number } | undefined {
  const start = pattern.charAt(at) === "\\" ? at + 1 : at;
  return start < pattern.length ? { char: pattern.charAt(start), next: start + 1 } : undefined;
}

/** Reads a set from behind its `[`. A `]` in the first place and a `-` in the first or last stand for themselves. */
function readSet(pattern: string, from: number): { readonly token: Token; readonly next: number } | undefined {
  const ranges: [string, string][] = [];
  let at = from;
  let low: string | undefined;
  while (at < pattern.length) {
    const char = pattern.charAt(at);
    if (char === "]" && at > from) return { token: { kind: "set", ranges }, next: at + 1 };
    const isRange = char === "-" && low !== undefined && pattern.charAt(at + 1) !== "]";
    const member = readMember(pattern, isRange ? at + 1 : at);
    if (member === undefined) return undefined;
    ranges.push(isRange && low !== undefined ? [low, member.char] : [member.char, member.char]);
    low = isRange ? undefined : member.char;
    at = member.next;
  }
  return undefined;
}

/** `undefined`: a pattern that is not whole (open set, trailing escape), which matches nothing. */
function parse(pattern: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; ) {
    const char = pattern.charAt(at);
    if (char === "*" || char === "?") {
      if (char === "?" || tokens.at(-1)?.kind !== "any-text")
        tokens.push({ kind: char === "*" ? "any-text" : "any-char" });
      at += 1;
      continue;
    }
    const member = char === "[" ? readSet(pattern, at + 1) : readMember(pattern, at);
    if (member === undefined) return undefined;
    tokens.push("token" in member ? member.token : { kind: "set", ranges: [[member.char, member.char]] });
    at = member.next;
  }
  return tokens;
}

function accepts(token: Token | undefined, char: string): boolean {
  if (token === undefined || token.kind === "any-text") return false;
  return token.kind === "any-char" || token.ranges.some(([low, high]) => low <= char && char <= high);
}

/** Whether `pattern` matches all of `id`, both in any case. Takes time proportional to the product of the lengths. */
export function matchesLoaderPattern(pattern: string, id: string): boolean {
  const tokens = parse(pattern.toLowerCase());
  if (tokens === undefined) return false;
  const text = id.toLowerCase();
  let at = 0;
  let token = 0;
  /** Where to go on when the text behind the last `*` does not fit: the star takes one character more. */
  let star: { readonly token: number; at: number } | undefined;
  while (at < text.length) {
    if (tokens[token]?.kind === "any-text") {
      token += 1;
      star = { token, at };
    } else if (accepts(tokens[token], text.charAt(at))) {
      token += 1;
      at += 1;
    } else if (star !== undefined) {
      star.at += 1;
      at = star.at;
      token = star.token;
    } else return false;
  }
  return tokens.slice(token).every((rest) => rest.kind === "any-text");
}
