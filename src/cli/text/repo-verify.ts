// The text of `holdfast repo verify`.
import type { RepoVerifyReport } from "../../wire/repository-reports.ts";
import { harmless, type Look, paint, wrap } from "../look.ts";
import { countText, sizeText } from "../units.ts";

/** A damaged store would fill the screen. */
const findingsShown = 30;

export function renderVerify(report: RepoVerifyReport, look: Look): string {
  const { findings, folder, releases, checkedFiles, checkedBytes, samplePercent, serial, expires } = report;
  const damaged = findings.filter(({ severity }) => severity === "damaged").length;
  const what = `${countText(releases, "release")}, ${countText(checkedFiles, "file")}, ${sizeText(checkedBytes)} read`;
  const sample = samplePercent < 100 ? `, ${samplePercent}% of the stored chunks opened` : "";
  const head =
    damaged > 0
      ? `${paint(look, "red", "Damaged")}: ${harmless(folder)} would fail its clients.`
      : findings.length > 0
        ? `${paint(look, "yellow", "Intact")}: ${harmless(folder)}, but it needs a look.`
        : `${paint(look, "green", "Intact")}: ${harmless(folder)}.`;
  const lines = findings
    .slice(0, findingsShown)
    .map(({ severity, sentence, remedy }) => {
      const mark = severity === "damaged" ? paint(look, "red", "✗") : paint(look, "yellow", "!");
      return `${mark} ${wrap(harmless(sentence), look.columns - 2, "  ")}\n  ${wrap(harmless(remedy), look.columns - 2, "  ")}\n`;
    })
    .join("");
  const more =
    findings.length > findingsShown ? `and ${findings.length - findingsShown} more; --json has them all.\n` : "";
  return `${head}\n${wrap(`Index ${serial}, good until ${expires.slice(0, 10)}; ${what}${sample}.`, look.columns)}\n${lines}${more}`;
}
