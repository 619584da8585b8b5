// The text of `holdfast repo diff`.
import type { RepoDiffReport } from "../../wire/repository-reports.ts";
import { harmless, type Look, wrap } from "../look.ts";
import { table } from "../table.ts";
import { countText, sizeText } from "../units.ts";
import { section } from "./findings.ts";

const filesShown = 10;

/** Of ninety megabytes a few hundred bytes are not a hundredth. */
function shareText(bytes: number, whole: number): string {
  if (bytes > 0 && bytes < whole / 100) return "less than 1%";
  return `${whole === 0 ? 0 : Math.ceil((bytes / whole) * 100)}%`;
}

export function renderDiff(report: RepoDiffReport, look: Look): string {
  const { from, to, resources, bestBytes, files, advice } = report;
  const rows = resources.map(({ name, wholeBytes, chunks, delta }) => [
    name,
    sizeText(wholeBytes),
    chunks === undefined ? "-" : sizeText(chunks.bytes),
    delta === undefined ? "-" : sizeText(delta.bytes),
    [
      chunks === undefined ? "" : `chunks in ${countText(chunks.requests, "request")}`,
      delta === undefined || delta.published ? "" : "no such delta is published",
    ]
      .filter((text) => text !== "")
      .join("; "),
  ]);
  const whole = resources.reduce((sum, { wholeBytes }) => sum + wholeBytes, 0);
  const head = { indent: "  ", right: [1, 2, 3], head: ["FILE", "WHOLE", "CHUNKS", "DELTA", ""] };
  const dear = files
    .slice(0, filesShown)
    .map(({ path, targetBytes, deltaBytes }) => [
      sizeText(deltaBytes),
      `of ${sizeText(targetBytes)}`,
      path === "" ? "(names, modes and places of all files)" : harmless(path),
    ]);
  return (
    `From ${from} to ${to}: ${sizeText(bestBytes)} of ${sizeText(whole)}, ${shareText(bestBytes, whole)}.\n` +
    `${table(rows, look, head)}\n` +
    section("What costs most", dear.length === 0 ? "" : `${table(dear, look, { indent: "  ", right: [0] })}\n`, look) +
    section("Advice", advice.map((text) => `  ${wrap(harmless(text), look.columns - 2, "  ")}\n`).join(""), look)
  );
}
