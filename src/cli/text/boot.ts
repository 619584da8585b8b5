// The text of `holdfast boot confirm`, `give-back` and `reject`.
import type { BootRejectReport, ConfirmReport, GiveBackReport } from "../../wire/boot-reports.ts";
import { harmless, type Look, paint } from "../look.ts";
import { table } from "../table.ts";
import { renderNotices, section } from "./findings.ts";

function blessingText({ blessing, because, version }: ConfirmReport, look: Look): string {
  const what = version === undefined ? "This boot" : `Version ${version}`;
  if (blessing === "blessed") return `${paint(look, "green", `${what} is marked good`)}: ${harmless(because)}.`;
  if (blessing === "not-judged") return `${paint(look, "yellow", `${what} is not marked good`)}: ${harmless(because)}.`;
  return `${paint(look, "red", `${what} was found good and is not marked so`)}: ${harmless(because)}.`;
}

export function renderConfirm(report: ConfirmReport, look: Look): string {
  const given = report.givenUp.flatMap(({ version, verdict, text, details }) => [
    `Version ${version} was given up and is ${verdict === "unproven" ? "unproven: it will be tried once more" : "in quarantine"}: ${text}.`,
    ...details,
  ]);
  const copies = report.loader.map(({ path, state, because }) => [harmless(path), state, harmless(because)]);
  return (
    `${blessingText(report, look)}\n` +
    section("Given up", renderNotices(given, look), look) +
    section("Boot loader", copies.length === 0 ? "" : `${table(copies, look, { indent: "  " })}\n`, look) +
    section("Notices", renderNotices(report.notices, look), look)
  );
}

export function renderGiveBack({ entry, because }: GiveBackReport): string {
  return entry === undefined
    ? `No try was given back: ${harmless(because)}.\n`
    : `The try of this boot was given back, because ${harmless(because)}: ${harmless(entry)}.\n`;
}

export function renderReject({ version, startsAgain, because }: BootRejectReport): string {
  const what = version === undefined ? "This boot" : `The boot of version ${version}`;
  return startsAgain
    ? `${what} is given up and the machine starts again: ${harmless(because)}.\n`
    : `${what} was found bad and the machine stays up: ${harmless(because)}.\n`;
}
