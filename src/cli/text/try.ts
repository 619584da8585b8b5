// The text of `holdfast try`.
import type { TryReport } from "../../wire/boot-reports.ts";
import { type Look, paint } from "../look.ts";
import { renderNotices } from "./findings.ts";

export function renderTry({ version, outcome, back, notices }: TryReport, look: Look): string {
  if (outcome === "kept")
    return `${paint(look, "green", `Version ${version} is kept`)} and boots from now on.\n${renderNotices(notices, look)}`;
  return (
    `${paint(look, "green", `Version ${version} is intact and boots once`)}.\n` +
    `After that ${back ?? "the version that runs"} comes back, unless \`holdfast try --keep\` is run in it.\n` +
    renderNotices(notices, look)
  );
}
