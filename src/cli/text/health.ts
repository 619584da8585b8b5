// The text of `holdfast health` and `holdfast boot assess`.
import type { CheckLine, HealthReport } from "../../wire/boot-reports.ts";
import { harmless, type Look, paint, type Style } from "../look.ts";
import { table } from "../table.ts";
import { section } from "./findings.ts";

function stateOf({ state, required }: CheckLine): { readonly text: string; readonly style: Style } {
  if (state === "passed") return { text: "passed", style: "green" };
  if (state === "skipped") return { text: "skipped", style: "dim" };
  return required ? { text: "FAILED", style: "red" } : { text: "failed", style: "yellow" };
}

function verdictText({ verdict, version, checks }: HealthReport, look: Look): string {
  const what = version === undefined ? "This system" : `Version ${version}`;
  if (verdict === "good") return `${paint(look, "green", `${what} is healthy`)}: every required check passed.`;
  const names = checks
    .filter(({ required, state }) => required && state === "failed")
    .map(({ name }) => harmless(name));
  return `${paint(look, "red", `${what} is not healthy`)}: ${names.join(", ")} did not pass.`;
}

export function renderHealth(report: HealthReport, look: Look): string {
  const rows = report.checks.map((check) => [
    harmless(check.name),
    stateOf(check),
    check.required ? "required" : "wanted",
    `${(check.durationMs / 1000).toFixed(1)} s`,
    harmless(check.text),
  ]);
  const outputs = report.checks
    .filter(({ state, output }) => state === "failed" && output !== undefined)
    .map(({ name, output = "" }) => {
      const lines = output
        .trimEnd()
        .split("\n")
        .map((line) => `    ${harmless(line)}\n`);
      return `  ${harmless(name)}\n${lines.join("")}`;
    });
  const counted = report.counted ? "The boot loader counts this boot.\n" : "";
  return (
    `${verdictText(report, look)}\n${counted}` +
    section("Checks", `${table(rows, look, { indent: "  ", right: [3] })}\n`, look) +
    section("What failed checks said", outputs.join(""), look)
  );
}
