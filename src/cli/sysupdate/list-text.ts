// `list` as systemd-sysupdate prints it: a table of versions, and one version in full.
import type { ContentLine } from "../../wire/reports.ts";
import { type Look, harmless } from "../look.ts";
import { type UpdateSet, assessment, sign, signOf, styleOf } from "./assessment.ts";
import { type Column, columns } from "./columns.ts";

const listColumns: readonly Column[] = [
  { head: "", align: "right" },
  { head: "version" },
  { head: "installed", align: "centre" },
  { head: "available", align: "centre" },
  { head: "assessment" },
];

export function listText(sets: readonly UpdateSet[], look: Look, legend: boolean, utf8: boolean): string {
  const check = (is: boolean): string => (is ? sign("check", utf8) : " ");
  const rows = sets.map((set) => ({
    cells: [signOf(set, utf8), set.version, check(set.installed), check(set.available), assessment(set)],
    style: styleOf(set),
  }));
  return columns(listColumns, rows, look, legend);
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}

/** `Sat 2026-03-14 15:09:26 UTC`, systemd's form. */
function timeText(mtimeUs: bigint): string {
  const date = new Date(Number(mtimeUs / 1000n));
  if (Number.isNaN(date.getTime())) return "-";
  const day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][date.getUTCDay()] ?? "";
  return `${day} ${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** `62M`, `1.5G`: binary units, one decimal where it says something. */
function bytesText(bytes: number): string {
  const units = ["B", "K", "M", "G", "T", "P", "E"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const tenths = Math.floor((bytes / 1024 ** power) * 10) / 10;
  return `${tenths}${units[power] ?? ""}`;
}

type Cell = (line: ContentLine) => string | undefined;

function optional<T>(value: T | undefined, text: (value: T) => string): string | undefined {
  return value === undefined ? undefined : text(value);
}

/** Columns in systemd's order; a group is shown when any of its cells has something to say. */
const contentColumns: readonly (Column & { readonly group: string; readonly cell: Cell })[] = [
  { head: "type", group: "always", cell: ({ type }) => type },
  { head: "path", group: "always", cell: ({ path }) => harmless(path) },
  { head: "ptuuid", group: "partition", cell: ({ partitionUuid }) => partitionUuid },
  {
    head: "ptflags",
    align: "right",
    group: "partition",
    cell: ({ partitionFlags }) => optional(partitionFlags, (flags) => `0x${flags.toString(16)}`),
  },
  { head: "mtime", align: "right", group: "file", cell: ({ mtimeUs }) => optional(mtimeUs, timeText) },
  {
    head: "mode",
    align: "right",
    group: "file",
    cell: ({ mode }) => optional(mode, (bits) => bits.toString(8).padStart(4, "0")),
  },
  { head: "size", align: "right", group: "size", cell: ({ sizeBytes }) => optional(sizeBytes, bytesText) },
  { head: "tries-done", align: "right", group: "tries", cell: ({ triesDone }) => optional(triesDone, String) },
  { head: "tries-left", align: "right", group: "tries", cell: ({ triesLeft }) => optional(triesLeft, String) },
  { head: "noauto", group: "noauto", cell: ({ noAuto }) => optional(noAuto, yesNo) },
  { head: "ro", group: "ro", cell: ({ readOnly }) => optional(readOnly, yesNo) },
  { head: "growfs", group: "growfs", cell: ({ growFileSystem }) => optional(growFileSystem, yesNo) },
  { head: "sha256", group: "sha256", cell: ({ sha256 }) => sha256 },
];

export function contentText(
  set: UpdateSet,
  contents: readonly ContentLine[],
  changeLog: readonly string[],
  look: Look,
  legend: boolean,
  utf8: boolean,
): string {
  const said = (is: boolean, words: string): string => (is ? ` (${words})` : "");
  const installed =
    yesNo(set.installed) +
    said(set.installed && set.newest, "newest") +
    said(set.incomplete, "incomplete") +
    said(set.pending, "pending") +
    said(set.partial, "partial");
  const shown = contentColumns.filter(({ group }) =>
    contentColumns.some((column) => column.group === group && contents.some((line) => column.cell(line) !== undefined)),
  );
  const rows = contents.map((line) => ({ cells: shown.map(({ cell }) => cell(line) ?? "-") }));
  return (
    `${signOf(set, utf8)} Version: ${set.version}\n` +
    `    State: ${assessment(set)}\n` +
    `Installed: ${installed}\n` +
    `Available: ${yesNo(set.available)}${said(!set.installed && set.available && set.newest, "newest")}\n` +
    `Protected: ${yesNo(set.installed && set.protected)}\n` +
    ` Obsolete: ${yesNo(set.obsolete)}\n` +
    changeLog.map((url) => `ChangeLog: ${harmless(url)}\n`).join("") +
    `\n${columns(shown, rows, look, legend)}`
  );
}
