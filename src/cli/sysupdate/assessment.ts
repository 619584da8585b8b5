// How systemd-sysupdate judges a version, in its words and signs (interfaces D.3): scripts look for them.
import { newestFirst } from "../../domain/version-order.ts";
import type { VersionLine } from "../../wire/reports.ts";
import type { Style } from "../look.ts";

export interface UpdateSet {
  readonly version: string;
  /** The newest installed one, and the newest available one when it is newer than that. */
  readonly newest: boolean;
  readonly available: boolean;
  /** On the machine at all: downloaded in part counts, as it does for systemd. */
  readonly installed: boolean;
  readonly obsolete: boolean;
  readonly protected: boolean;
  readonly incomplete: boolean;
  readonly partial: boolean;
  readonly pending: boolean;
}

/** Newest version first. Versions that the source offers in part only are left out, as systemd never shows them. */
export function updateSets(versions: readonly VersionLine[]): readonly UpdateSet[] {
  const shown = versions
    .filter((line) => line.installed || line.available || line.staged !== undefined)
    .sort((a, b) => newestFirst(a.version, b.version))
    .map((line) => ({ line, installed: line.installed || line.staged !== undefined }));
  const newestInstalled = shown.findIndex(({ installed }) => installed);
  return shown.map(({ line, installed }, index) => ({
    version: line.version,
    newest: index === 0 || index === newestInstalled,
    available: line.available,
    installed,
    obsolete: line.obsolete,
    protected: line.protected || line.pinned,
    incomplete: line.installed && !line.complete && line.staged === undefined,
    partial: line.staged === "partial",
    pending: line.staged === "pending",
  }));
}

export function assessment(set: UpdateSet): string {
  if (!set.installed) {
    if (set.obsolete) return "available+obsolete";
    return set.newest ? "candidate" : "available";
  }
  const word = set.newest ? "current" : set.protected ? "protected" : "installed";
  const staged = set.partial ? "+partial" : set.pending ? "+pending" : "";
  return `${word}${set.obsolete ? "+obsolete" : ""}${set.incomplete ? "+incomplete" : ""}${staged}`;
}

/** The signs of systemd, with what it prints in their place where the locale is not UTF-8. */
const signs = {
  cross: ["×", "x"],
  download: ["⤵️", "\\"],
  current: ["●", "*"],
  protected: ["○", "*"],
  candidate: ["↻", "*"],
  check: ["✓", "+"],
} as const;

export function sign(name: keyof typeof signs, utf8: boolean): string {
  return signs[name][utf8 ? 0 : 1];
}

export function signOf(set: UpdateSet, utf8: boolean): string {
  if (set.obsolete) return sign("cross", utf8);
  if (set.partial || set.pending) return sign("download", utf8);
  if (set.installed && set.newest) return sign("current", utf8);
  if (set.installed && set.protected) return sign("protected", utf8);
  return set.available && set.newest ? sign("candidate", utf8) : " ";
}

export function styleOf(set: UpdateSet): Style | undefined {
  if (set.obsolete) return "dim";
  if (set.partial || set.pending) return "cyan";
  if (set.incomplete) return "yellow";
  if (set.installed && set.newest) return "bold";
  return set.available && set.newest ? "green" : undefined;
}

/** As systemd decides it: UTF-8 unless the environment names another character set. */
export function isUtf8(env: Readonly<Partial<Record<string, string>>>): boolean {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"];
  return locale === undefined || locale === "" || /utf-?8/i.test(locale);
}
