// The text of `holdfast status`.
import { dateText } from "../../base/date-text.ts";
import type { StatusReport } from "../../wire/reports.ts";
import { type Look, harmless } from "../look.ts";
import { facts, table } from "../table.ts";
import { ageText, sizeText, spanText } from "../units.ts";
import { renderFindings, section } from "./findings.ts";
import { renderMenu } from "./menu.ts";
import { renderVersions } from "./versions.ts";

function runningText(report: StatusReport): string {
  if (report.running === undefined) return `not known: ${harmless(report.runningBecause)}`;
  return `${report.running}${report.onTrial ? ", on trial" : ""} (${harmless(report.runningBecause)})`;
}

function checkText(report: StatusReport): string {
  const { lastCheck, nowMs } = report;
  if (lastCheck === undefined) return "never";
  const signed = lastCheck.signedAtMs === undefined ? "not signed" : `signed ${ageText(lastCheck.signedAtMs, nowMs)}`;
  const newest = lastCheck.newest === undefined ? "" : `; the newest was ${lastCheck.newest}`;
  return `${ageText(lastCheck.atMs, nowMs)}, ${signed}${newest}`;
}

function heldText({ held, nowMs }: StatusReport): string {
  if (held === undefined) return "";
  if (held.untilMs === undefined) return "held until released with `holdfast hold --off`";
  return `held until ${dateText(held.untilMs)}, for ${spanText(Math.max(0, held.untilMs - nowMs))} more`;
}

function lockText({ lock, nowMs }: StatusReport): string {
  if (lock === undefined) return "";
  return `\`${harmless(lock.command)}\`, process ${lock.pid}, since ${spanText(Math.max(0, nowMs - lock.sinceMs))}`;
}

const secureBootTexts = {
  on: "on: only what is signed with a key in db is installed",
  off: "off: the firmware starts anything",
  "setup-mode": "off: the firmware waits for its keys (setup mode) and starts anything",
  "shim-insecure": "off: shim was told not to check anything",
  unreadable: "on, and its keys cannot be read",
} as const;

function secureBootText({ secureBoot }: StatusReport): string {
  return secureBoot === undefined ? "" : secureBootTexts[secureBoot];
}

function titleOf(report: StatusReport, id: string): string {
  return harmless(report.menu.find((line) => line.id === id)?.version ?? id);
}

/** Of a component nothing does. */
function boots({ bootsNext, bootsNextBecause }: StatusReport): boolean {
  return bootsNext !== undefined || bootsNextBecause !== "";
}

function nextText(report: StatusReport): string {
  if (!boots(report)) return "";
  if (report.bootsNext === undefined) return `nothing: ${harmless(report.bootsNextBecause)}`;
  return `${titleOf(report, report.bootsNext)} (${harmless(report.bootsNextBecause)})`;
}

function fileSystems(report: StatusReport, look: Look): string {
  if (report.fileSystems.length === 0) return "";
  const rows = report.fileSystems.map((line) => [
    harmless(line.mountPoint),
    harmless(line.type),
    `${sizeText(line.availableBytes)} free of ${sizeText(line.totalBytes)}${line.readOnly ? ", read-only" : ""}`,
  ]);
  return `${table(rows, look, { indent: "  " })}\n`;
}

function bootText({ boot }: StatusReport): string {
  if (boot === undefined) return "";
  const which = boot.now ? "" : `, version ${boot.version ?? "not known"}, the last that was looked at`;
  switch (boot.verdict) {
    case "good":
      return `found good${which}`;
    case "bad":
      return `found bad${which}: ${boot.failed.map(({ name, text }) => harmless(`${name} (${text})`)).join(", ")}`;
    case "given-back":
      return `ended before it was judged${which}`;
    case undefined:
      return `${boot.counted ? "counted, and " : ""}not judged${boot.now ? " yet" : which}`;
  }
}

function fellBackText({ fellBack, nowMs }: StatusReport): string {
  if (fellBack === undefined) return "";
  const { version, text, atMs, evidence } = fellBack;
  const then = evidence === "none" ? "it is tried once more by the next update" : "it is in quarantine";
  return `${version}, ${ageText(atMs, nowMs)}: ${harmless(text)}; ${then}`;
}

function tryText({ trying }: StatusReport): string {
  return trying === undefined ? "" : `${trying.version} boots once, then ${trying.back} again`;
}

export function renderStatus(report: StatusReport, look: Look): string {
  const esp = report.espPath === undefined ? "not found" : harmless(report.espPath);
  const head = facts(
    [
      ["Running", runningText(report)],
      ["Boots next", nextText(report)],
      ["After that", report.bootsThen.map((id) => titleOf(report, id)).join(", then ")],
      ["Way back", report.wayBack === undefined ? { text: "none", style: "yellow" } : report.wayBack],
      ["This boot", bootText(report)],
      ["Given up", fellBackText(report)],
      ["Try", tryText(report)],
      ["Last check", checkText(report)],
      ["Updates", heldText(report)],
      ["At work", lockText(report)],
      ["ESP", report.espIsFat ? esp : `${esp} (a folder stands for it)`],
      ["Secure Boot", secureBootText(report)],
      ["Idle", harmless(report.idleBecause)],
    ],
    look,
  );
  return (
    `${head}\n` +
    section("Versions", renderVersions(report.versions, look), look) +
    section("Boot menu, in the loader's order", boots(report) ? renderMenu(report.menu, look) : "", look) +
    section("Space", fileSystems(report, look), look) +
    section("Findings", renderFindings(report.findings, look), look)
  );
}
