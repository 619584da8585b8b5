// Values on the command line: one parser a kind; each returns the value or throws a Fault of kind "usage".
import { Fault } from "../base/fault.ts";
import { parseVersion } from "../base/ids.ts";
import { isComponentName } from "../format/component-file.ts";
import { isHttpUrl } from "../format/unit-reader.ts";

function unreadable(what: string, text: string, hint: string): Fault {
  return new Fault("bad-value", `Cannot read ${JSON.stringify(text.slice(0, 80))} as ${what}`, { hint, kind: "usage" });
}

export function versionArgument(text: string): string {
  return parseVersion(text);
}

const rateText = /^(\d{1,12}(?:\.\d{1,3})?)([KMG]?)(?:i?B)?(?:\/s)?$/i;
const rateFactors: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Bytes a second: `500K`, `2M`, `1.5M`, `2MiB/s`; K, M and G are powers of 1024. */
export function rateArgument(text: string): number {
  const match = rateText.exec(text.trim());
  const rate = Math.floor(Number(match?.[1]) * (rateFactors[(match?.[2] ?? "").toUpperCase()] ?? Number.NaN));
  if (rate >= 1) return rate;
  throw unreadable("a rate", text, "Write bytes a second, for example 500K or 2M.");
}

/** Whole seconds from 0 to a week, as milliseconds. */
export function secondsArgument(text: string): number {
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= 604_800) return seconds * 1000;
  throw unreadable("a number of seconds", text, "Write whole seconds, for example 30; at most 604800.");
}

export function descriptorArgument(text: string): number {
  const descriptor = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (descriptor >= 1) return descriptor;
  throw unreadable(
    "a file descriptor",
    text,
    "Write the number of an open descriptor, for example --progress-fd 3 3>log.",
  );
}

/** The name of `sysupdate.NAME.d`. */
export function componentArgument(text: string): string {
  if (isComponentName(text)) return text;
  throw unreadable("the name of a component", text, "`holdfast sysupdate components` lists them.");
}

export function pathArgument(text: string): string {
  if (text !== "" && text.length <= 4096 && !text.includes("\u0000")) return text;
  throw unreadable("a path", text, "Write the path of a folder.");
}

export function urlArgument(text: string): string {
  if (isHttpUrl(text) && text.length <= 4096) return text;
  throw unreadable("a URL", text, "Write where it is, for example https://example.org/store.");
}

/** One of a few words. */
export function choiceArgument<T extends string>(what: string, choices: readonly T[]): (text: string) => T {
  return (text) => {
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw unreadable(what, text, `Write one of: ${choices.join(", ")}.`);
  };
}

const spanText = /^(\d{1,5})(min|m|h|d|w)$/;
const spanUnits: Readonly<Record<string, number>> = { m: 60, min: 60, h: 3600, d: 86_400, w: 604_800 };
const dayText = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}))?(Z)?$/;

/**
 * Until when updates are held, in milliseconds since the epoch: a length of time from now (`12h`, `7d`, `2w`), a date
 * (its first moment) or a date with a time, both in local time unless they end in Z. It must be in the future.
 */
export function untilArgument(text: string, nowMs: number): number {
  const until = spanEnd(text, nowMs) ?? dayStart(text);
  const hint = "Write a length of time such as 12h, 7d or 2w, or a date such as 2031-01-31.";
  if (until === undefined) throw unreadable("a date or a length of time", text, hint);
  if (until > nowMs) return until;
  throw new Fault("bad-value", `Cannot hold updates until ${text}: that is in the past`, { hint, kind: "usage" });
}

function spanEnd(text: string, nowMs: number): number | undefined {
  const match = spanText.exec(text);
  const unit = spanUnits[match?.[2] ?? ""];
  return unit === undefined ? undefined : nowMs + Number(match?.[1]) * unit * 1000;
}

function dayStart(text: string): number | undefined {
  const match = dayText.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match.slice(1, 6).map((part) => Number(part ?? 0));
  const parts = [year, month - 1, day, hour, minute] as const;
  const date = match[6] === "Z" ? new Date(Date.UTC(...parts)) : new Date(...parts);
  const same =
    match[6] === "Z"
      ? date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour
      : date.getMonth() === month - 1 && date.getDate() === day;
  return same && hour < 24 && minute < 60 ? date.getTime() : undefined;
}
