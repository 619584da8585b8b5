// SHA256SUMS: what a repository offers, and until when the list is good (interfaces D.4; P9 for what it refuses).
import { Fault } from "../base/fault.ts";
import { emptySha256, isSha256, parseSha256, type Sha256 } from "../base/ids.ts";

export type ChecksumFaultCode =
  | "manifest-bad-line"
  | "manifest-bad-name"
  | "manifest-contradictory"
  | "manifest-empty"
  | "manifest-is-html"
  | "manifest-not-text"
  | "manifest-too-large";

/** `BEST-BEFORE-YYYY-MM-DD` in the list itself: an empty file whose name says when the list goes stale. */
export interface BestBefore {
  readonly name: string;
  /** YYYY-MM-DD; stale from the beginning of that day, UTC. */
  readonly dateUtc: string;
  /** Should be the digest of the empty file. */
  readonly sha256: Sha256;
}

export interface ChecksumManifest {
  /** By relative path, without the BEST-BEFORE markers. */
  readonly entries: ReadonlyMap<string, Sha256>;
  readonly bestBefore: readonly BestBefore[];
}

const maxBytes = 16 << 20;
const maxEntries = 100_000;
const maxNameLength = 1024;
const linePattern = /^([0-9A-Fa-f]{64}) [ *](.+)$/su;
const controlCharacter = /\p{Cc}/u;

const refuse = (code: ChecksumFaultCode, state: string, hint?: string): Fault<ChecksumFaultCode> =>
  new Fault(code, `Cannot read the manifest SHA256SUMS: ${state}`, hint === undefined ? {} : { hint });

/** A name that stays below the manifest's folder, and that no URL turns into another. */
function nameProblem(name: string): string | undefined {
  if (name.length > maxNameLength) return "is too long";
  if (name.includes("%")) return "contains %";
  if (controlCharacter.test(name)) return "contains a control character";
  if (name.split("/").some((part) => part === "" || part === "." || part === ".."))
    return "is absolute, or has an empty part, . or ..";
  return undefined;
}

function decode(bytes: Uint8Array): string {
  if (bytes.length > maxBytes) throw refuse("manifest-too-large", `it is larger than ${maxBytes >> 20} MiB`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Fault("manifest-not-text", "Cannot read the manifest SHA256SUMS: it is not UTF-8 text", { cause });
  }
  if (text.trim() === "")
    throw refuse(
      "manifest-empty",
      "it is empty",
      "The repository lists nothing: publish a release, or check its address.",
    );
  if (/^\uFEFF?\s*</.test(text))
    throw refuse(
      "manifest-is-html",
      "the server sent a web page in its place",
      "A log-in page of the network, or a wrong address, often answers so. Open the address in a browser.",
    );
  if (text.includes("\0")) throw refuse("manifest-not-text", "it contains a NUL byte");
  return text;
}

/** Throws a Fault (ChecksumFaultCode) for anything but a complete list with one digest a name. */
export function parseChecksums(bytes: Uint8Array): ChecksumManifest {
  const lines = decode(bytes).split("\n");
  if (lines.pop() !== "")
    throw refuse("manifest-bad-line", "its last line is cut off", "The download may be incomplete: try again.");
  if (lines.length > maxEntries) throw refuse("manifest-too-large", `it has more than ${maxEntries} lines`);
  const entries = new Map<string, Sha256>();
  const bestBefore = new Map<string, BestBefore>();
  for (const [index, line] of lines.entries()) {
    const [, hex, name] = linePattern.exec(line) ?? [];
    if (hex === undefined || name === undefined) throw badLine(line, index + 1);
    const problem = nameProblem(name);
    if (problem !== undefined)
      throw refuse(
        "manifest-bad-name",
        `Invalid filename at line ${index + 1}: ${JSON.stringify(name.slice(0, 80))} ${problem}`,
      );
    const sha256 = parseSha256(hex);
    const before = entries.get(name) ?? bestBefore.get(name)?.sha256;
    if (before !== undefined && before !== sha256)
      throw refuse("manifest-contradictory", `it has two digests for ${JSON.stringify(name.slice(0, 80))}`);
    const dateUtc = markerDate(name);
    if (dateUtc === undefined) entries.set(name, sha256);
    else bestBefore.set(name, { name, dateUtc, sha256 });
  }
  return { entries, bestBefore: [...bestBefore.values()] };
}

/** Blanks in a digest have words of their own, those of systemd: scripts look for them. */
function badLine(line: string, number: number): Fault<ChecksumFaultCode> {
  const digest = line.slice(0, 64);
  if (digest.length === 64 && /^[0-9A-Fa-f \t]+$/.test(digest) && /[ \t]/.test(digest)) {
    const bytes = Math.floor(digest.replaceAll(/[ \t]/g, "").length / 2);
    return refuse("manifest-bad-line", `Manifest hash at line ${number} decoded to ${bytes} bytes`);
  }
  return refuse("manifest-bad-line", `line ${number} is not a SHA-256, two separating characters and a name`);
}

/** The date of a marker; undefined for other files, among them markers in folders. A date that is none is refused. */
function markerDate(name: string): string | undefined {
  const date = /^BEST-BEFORE-([0-9]{4}-[0-9]{2}-[0-9]{2})$/.exec(name)?.[1];
  if (date === undefined) return undefined;
  const midnight = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(date))
    throw refuse("manifest-bad-name", `${name} names a day that does not exist`);
  return date;
}

/** What makes a list stale from the beginning of a day on (UTC), YYYY-MM-DD. The file itself need not be there. */
export function bestBeforeEntry(dateUtc: string): readonly [name: string, sha256: Sha256] {
  return [`BEST-BEFORE-${dateUtc}`, emptySha256];
}

/** The list as sha256sum writes it, sorted by name. Throws a Fault for names that no reader would take. */
export function formatChecksums(entries: Iterable<readonly [name: string, sha256: Sha256]>): Uint8Array {
  const sorted = [...entries].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const lines = sorted.map(([name, sha256]) => {
    const problem = nameProblem(name) ?? (isSha256(sha256) ? undefined : "has no SHA-256");
    if (problem !== undefined)
      throw new Fault(
        "manifest-bad-name",
        `Cannot list ${JSON.stringify(name.slice(0, 80))} in SHA256SUMS: it ${problem}`,
      );
    return `${sha256}  ${name}\n`;
  });
  return new TextEncoder().encode(lines.join(""));
}

/** The earliest date that has passed, where the manifest carries one: all markers must hold. */
export function staleSince(manifest: ChecksumManifest, nowMs: number): string | undefined {
  const passed = manifest.bestBefore
    .map((marker) => marker.dateUtc)
    .filter((date) => nowMs > Date.parse(`${date}T00:00:00Z`));
  return passed.toSorted()[0];
}
