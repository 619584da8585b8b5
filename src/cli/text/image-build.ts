// The text of `holdfast image build`.
import type { ImageBuildReport } from "../../wire/reports.ts";
import { harmless, type Look, paint } from "../look.ts";
import { table } from "../table.ts";
import { sizeText } from "../units.ts";

export function renderBuild(report: ImageBuildReport, look: Look): string {
  const { name, version, profile, output, signed, staged, files } = report;
  const rows = files.map((file) => [file.name, sizeText(file.sizeBytes), file.sha256.slice(0, 16)]);
  return (
    `${paint(look, "green", "Built")} ${name} ${version} (${profile}) in ${harmless(output)}.\n` +
    `${table(rows, look, { indent: "  ", right: [1], head: ["FILE", "SIZE", "SHA-256"] })}\n` +
    (staged
      ? `Staged: no client sees it before \`holdfast repo commit ${harmless(output)}\`.\n`
      : signed
        ? "SHA256SUMS is signed.\n"
        : "SHA256SUMS is not signed: machines that verify their updates refuse it. Give --key.\n")
  );
}
