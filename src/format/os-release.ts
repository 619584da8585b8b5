// os-release(5): what an operating system, or the UKI of one, says it is.
import { defined } from "./defined.ts";

export interface OsRelease {
  /** "linux" where the file does not say. */
  readonly id: string;
  readonly imageId?: string;
  readonly imageVersion?: string;
  readonly versionId?: string;
  readonly version?: string;
  readonly variantId?: string;
  readonly buildId?: string;
  readonly name?: string;
  readonly prettyName?: string;
  /** Every field of the file. */
  readonly all: ReadonlyMap<string, string>;
}

const assignment = /^[ \t]*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/;
const maxLength = 256 << 10;
const maxFields = 1000;

/**
 * The value as a shell would read it: quotes of both kinds, backslashes outside of single quotes. Undefined where a
 * quote is left open or more words follow.
 */
function unquote(text: string): string | undefined {
  let value = "";
  let rest = text.trim();
  // Nearly all values are one plain word.
  if (/^[^\s'"\\]*$/.test(rest)) return rest;
  while (rest !== "") {
    const part = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|((?:[^\s'"\\]|\\.)+))/s.exec(rest);
    if (part === null) return undefined;
    const [whole, single, double, bare] = part;
    value += single ?? double?.replace(/\\([$"\\`])/g, "$1") ?? bare?.replace(/\\(.)/gs, "$1") ?? "";
    rest = rest.slice(whole.length);
  }
  return value;
}

/** Reads what it can: lines that are no assignment are passed over, as systemd does. The last of several wins. */
export function parseOsRelease(text: string): OsRelease {
  const all = new Map<string, string>();
  for (const line of text.slice(0, maxLength).split(/[\r\n\0]+/)) {
    const [, key, quoted] = assignment.exec(line) ?? [];
    const value = quoted === undefined ? undefined : unquote(quoted);
    if (key !== undefined && value !== undefined && all.size < maxFields) all.set(key, value);
  }
  const field = (key: string): string | undefined => all.get(key) || undefined;
  return {
    id: field("ID") ?? "linux",
    ...defined({
      imageId: field("IMAGE_ID"),
      imageVersion: field("IMAGE_VERSION"),
      versionId: field("VERSION_ID"),
      version: field("VERSION"),
      variantId: field("VARIANT_ID"),
      buildId: field("BUILD_ID"),
      name: field("NAME"),
      prettyName: field("PRETTY_NAME"),
    }),
    all,
  };
}
