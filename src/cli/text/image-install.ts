// The text of `holdfast image install`.
import type { InstallReport } from "../../wire/reports.ts";
import { harmless, type Look, paint } from "../look.ts";
import { table } from "../table.ts";
import { sizeText } from "../units.ts";

export function renderInstall(report: InstallReport, look: Look): string {
  const { disk, name, version, trust, signer, source, entry, partitions } = report;
  const proof = trust === "proven" ? `signed by ${harmless(signer ?? "an unknown key")}` : "unproven: nobody signed it";
  const rows = partitions.map(({ number, label, sizeBytes, fileSystem }) => [
    String(number),
    label,
    sizeText(sizeBytes),
    fileSystem ?? "",
  ]);
  return (
    `${paint(look, "green", "Installed")} ${name} ${version} on ${harmless(disk)} (${proof}).\n` +
    `${table(rows, look, { indent: "  ", right: [0, 2], head: ["", "LABEL", "SIZE", "FILE SYSTEM"] })}\n` +
    `It starts ${entry}, and takes its updates from ${harmless(source)}.\n`
  );
}
