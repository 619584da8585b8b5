// The table of versions that `status` and `list` share.
import type { VersionLine } from "../../wire/reports.ts";
import { type Look, type Style, harmless } from "../look.ts";
import { type Cell, type Row, table } from "../table.ts";
import { ageText, sizeText } from "../units.ts";

/** What is wrong with a version, or else where it is. */
function stateCell(line: VersionLine): Cell {
  const lacks = [...line.lacks, ...(line.installed ? [] : line.sourceLacks)].map(harmless);
  if (line.quarantine !== undefined) return { text: `passed over: ${harmless(line.quarantine)}`, style: "red" };
  if (line.installed && (!line.complete || lacks.length > 0)) {
    return { text: lacks.length === 0 ? "incomplete" : `incomplete: ${lacks.join(", ")}`, style: "red" };
  }
  if (line.republished) return { text: "installed; offered again with other content", style: "yellow" };
  if (line.installed) return { text: line.available ? "installed, offered" : "installed" };
  if (lacks.length > 0) return { text: `not offered: ${lacks.join(", ")}`, style: "dim" };
  return { text: line.obsolete ? "offered, obsolete" : "offered", style: line.newest ? "green" : undefined };
}

function marks(line: VersionLine): string {
  const words: readonly (readonly [boolean, string])[] = [
    [line.bootsNext, "next"],
    [line.running, "running"],
    [line.wayBack, "way back"],
    [line.pinned, "pinned"],
    [line.protected && !line.pinned, "protected"],
    [line.newest, "newest"],
  ];
  return words
    .filter(([is]) => is)
    .map(([, word]) => word)
    .join(", ");
}

const trustStyles: Readonly<Record<string, Style>> = { proven: "green", adopted: "yellow", unproven: "yellow" };

function trustCell(line: VersionLine, nowMs: number): Cell {
  if (line.trust === undefined) return { text: "" };
  const when = line.verifiedAtMs === undefined ? "" : ` ${ageText(line.verifiedAtMs, nowMs)}`;
  return { text: line.trust + when, style: trustStyles[line.trust] };
}

function row(line: VersionLine, look: Look): Row {
  return [
    { text: line.version, style: line.running ? "bold" : undefined },
    line.sizeBytes > 0 ? sizeText(line.sizeBytes) : "",
    trustCell(line, look.nowMs),
    { text: marks(line), style: "cyan" },
    stateCell(line),
  ];
}

/** Lines with a newline at the end; versions in the order they are given. */
export function renderVersions(versions: readonly VersionLine[], look: Look): string {
  if (versions.length === 0) return "  There is no version.\n";
  const head = ["VERSION", "SIZE", "TRUST", "MARKS", "STATE"];
  return `${table(
    versions.map((line) => row(line, look)),
    look,
    { head, indent: "  ", right: [1] },
  )}\n`;
}
