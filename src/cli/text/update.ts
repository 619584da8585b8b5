// The text of `holdfast update` and of its plan.
import type { UpdateReport } from "../../wire/reports.ts";
import { type Look, harmless, paint, sentence, wrap } from "../look.ts";
import { table } from "../table.ts";
import { sizeText } from "../units.ts";
import { renderFindings, renderNotices, section } from "./findings.ts";
import { renderMenuIfAny } from "./menu.ts";

function steps(report: UpdateReport, look: Look): string {
  const rows = report.steps.map((step, index) => [
    `${index + 1}`,
    harmless(step.title),
    step.bytes === undefined ? "" : sizeText(step.bytes),
  ]);
  if (rows.length === 0) return "";
  const widest = Math.max(...rows.map(([, title]) => title?.length ?? 0));
  const room = look.columns - 20;
  if (widest <= room) return `${table(rows, look, { indent: "  ", right: [0, 2] })}\n`;
  const swapped = rows.map(([number, title, bytes]) => [number ?? "", bytes ?? "", title ?? ""]);
  return `${table(swapped, look, { indent: "  ", right: [0, 1] })}\n`;
}

function space(report: UpdateReport, look: Look): string {
  if (report.space.length === 0) return "";
  const rows = report.space.map((line) => [
    harmless(line.mountPoint),
    sizeText(line.peakBytes),
    sizeText(line.netBytes),
    sizeText(line.availableBytes),
  ]);
  const head = ["FILE SYSTEM", "NEEDED", "KEPT", "FREE NOW"];
  return `${table(rows, look, { head, indent: "  ", right: [1, 2, 3] })}\n`;
}

/** One block a resource that could come in more than one way. */
function ways(report: UpdateReport, look: Look): string {
  const rows = (report.ways ?? [])
    .filter((resource) => resource.ways.length > 1)
    .flatMap((resource) =>
      resource.ways.map((way, at) => [
        at === 0 ? harmless(resource.name) : "",
        way.way === "whole" ? "whole file" : way.from === undefined ? way.way : `${way.way} from ${harmless(way.from)}`,
        way.downloadBytes === undefined ? "" : sizeText(way.downloadBytes),
        harmless(way.chosen ? ["chosen", ...(way.because === "" ? [] : [way.because])].join(", ") : way.because),
      ]),
    );
  if (rows.length === 0) return "";
  return `${table(rows, look, { head: ["RESOURCE", "WAY", "DOWNLOAD", ""], indent: "  ", right: [2] })}\n`;
}

function planText(report: UpdateReport, look: Look): string {
  const from = report.from === undefined ? "" : ` from ${report.from}`;
  const { downloadBytes } = report;
  const download =
    downloadBytes === undefined ? "an amount not known yet" : downloadBytes === 0 ? "nothing" : sizeText(downloadBytes);
  return (
    `The plan to go${from} to ${report.to ?? "the newest version"}, downloading ${download}:\n` +
    steps(report, look) +
    section("Ways", ways(report, look), look) +
    section("Space", space(report, look), look) +
    `\nWay back: ${report.wayBack ?? "none"}\n` +
    renderNotices(report.notices, look) +
    "Nothing was changed.\n"
  );
}

function headline(report: UpdateReport, look: Look): string {
  const to = report.to ?? "";
  switch (report.outcome) {
    case "done":
      return `${paint(look, "green", `Version ${to} is installed`)}${report.bootsNext === undefined ? "" : " and boots next"}.`;
    case "done-with-finding":
      return `${paint(look, "yellow", `Version ${to} is installed`)}, but something needs a look.`;
    case "acquired":
      return `Version ${to} is downloaded. \`holdfast update --offline\` installs it.`;
    case "nothing-to-do":
    case "planned":
      return sentence(harmless(report.because));
  }
}

export function renderUpdate(report: UpdateReport, look: Look): string {
  if (report.outcome === "planned") return planText(report, look);
  const notices = renderNotices(report.notices, look);
  if (report.outcome === "nothing-to-do") return `${wrap(headline(report, look), look.columns)}\n${notices}`;
  const amount = report.transferredBytes === 0 ? "Nothing" : sizeText(report.transferredBytes);
  const moved = `${amount} ${report.transferredBytes === 0 ? "had to be " : ""}transferred; way back: ${report.wayBack ?? "none"}.\n`;
  const next = report.outcome === "acquired" ? "" : section("Boot menu", renderMenuIfAny(report.menu, look), look);
  const end = report.outcome === "done" && report.bootsNext !== undefined ? "\nReboot to start it.\n" : "";
  return (
    `${headline(report, look)}\n${moved}${notices}` +
    section("Findings", renderFindings(report.findings, look), look) +
    next +
    end
  );
}
