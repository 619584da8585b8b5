// The text of `holdfast list VERSION`.
import type { ContentLine } from "../../wire/reports.ts";
import type { ContentReport } from "../agent.ts";
import { type Look, harmless } from "../look.ts";
import { facts } from "../table.ts";
import { sizeText } from "../units.ts";
import { section } from "./findings.ts";
import { triesText } from "./menu.ts";
import { renderVersions } from "./versions.ts";

function resource(line: ContentLine, look: Look): string {
  const yes = (value: boolean | undefined): string => (value === undefined ? "" : value ? "yes" : "no");
  return `${facts(
    [
      [harmless(line.transfer), harmless(line.path)],
      ["  type", line.type],
      ["  size", line.sizeBytes === undefined ? "" : sizeText(line.sizeBytes)],
      ["  sha256", line.sha256],
      ["  tries", triesText({ triesLeft: line.triesLeft })],
      ["  read-only", yes(line.readOnly)],
      ["  UUID", line.partitionUuid],
    ],
    look,
  )}\n`;
}

export function renderContent(report: ContentReport, look: Look): string {
  const notes = report.changeLog.map((url) => `  ${harmless(url)}\n`).join("");
  return (
    renderVersions([report.version], look) +
    section("Resources", report.contents.map((line) => resource(line, look)).join("\n"), look) +
    section("Notes", notes, look)
  );
}
