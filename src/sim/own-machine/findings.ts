// What a maintainer should know besides the power cuts: lint, what does not fit, and versions that never fall back.
import { lint } from "../../domain/lint.ts";
import type { Fault } from "../../base/fault.ts";
import type { FindingLine } from "../../wire/reports.ts";
import type { Initrd } from "./fallback.ts";
import type { Lab } from "./lab.ts";
import type { FallbackLine, ScenarioLine } from "./report.ts";

const line = (
  code: string,
  severity: FindingLine["severity"],
  subject: string,
  sentence: string,
  remedy: string,
): FindingLine => ({ code, severity, subject, sentence, remedy, repairable: false });

export function lintFindings({ options: { definitions } }: Lab): readonly FindingLine[] {
  const { enabled, warnings, unreadFiles } = definitions;
  return lint({ enabled, warnings, unreadFiles }).map(({ code, severity, files, sentence, remedy }) => {
    const names = files.map((file) => file.slice(file.lastIndexOf("/") + 1)).join(", ");
    return line(code, severity, names, names === "" ? sentence : `${names}: ${sentence}`, remedy);
  });
}

export function roomFinding(update: string, lack: Fault): FindingLine {
  const remedy =
    lack.code === "no-space"
      ? "Make the file system larger, the resource smaller, or keep fewer versions (InstancesMax=)."
      : "Give the disk two slots for each kind of partition, large enough for the next version.";
  return line("does-not-fit", "error", update, `The update ${update} is refused on this disk. ${lack.message}`, remedy);
}

/** `initrd`: what the user's is known to do. */
export function fallbackFindings(lines: readonly FallbackLine[], initrd: Initrd | undefined): readonly FindingLine[] {
  const panics = lines.some(({ cause, comesBack }) => cause === "panic" && !comesBack);
  return lines
    .filter(({ cause, comesBack }) => !comesBack && (cause === "panic" || !panics))
    .map(({ what, sentence, initrd: tried }) => {
      if (tried !== "hang") {
        const remedy =
          "Count the boots: TriesLeft=3 and TriesDone=0, with +@l-@d before the suffix of the entry's first MatchPattern=.";
        return line(
          "no-fallback",
          "error",
          what,
          `${what}: ${sentence}. Going back by hand is refused as well.`,
          remedy,
        );
      }
      const severity = initrd === "hang" ? "error" : "info";
      const remedy =
        "Make the initrd reboot: a drop-in of emergency.service that runs systemctl --force reboot, and panic=5 on the kernel command line. Then say --initrd=reboot here.";
      return line("initrd-waits", severity, what, `${what}: ${sentence}.`, remedy);
    });
}

export function scenarioFindings(scenarios: readonly ScenarioLine[]): readonly FindingLine[] {
  return scenarios
    .filter(({ stoppedEarly }) => stoppedEarly)
    .map(({ name }) =>
      line(
        "stopped-early",
        "info",
        name,
        `"${name}" was not explored to its end.`,
        "Give it more time with --seconds.",
      ),
    );
}

/** What the simulated machine does not have. */
export function notModelled(lab: Lab): readonly FindingLine[] {
  const found: FindingLine[] = [];
  const entries = lab.transfers.filter((transfer) => lab.isEntry(transfer));
  const links = lab.transfers.filter(({ target }) => target.currentSymlink !== undefined);
  const note = (subject: string, sentence: string): void =>
    void found.push(line("not-modelled", "info", subject, sentence, ""));
  if (new Set(entries.map(({ target }) => target.pathRelativeTo)).size > 1)
    note("boot entries", "Boot entries lie on two file systems; the simulated boot loader reads the first one only.");
  if (links.length > 0 && (links.length > 1 || lab.transfers.length > 1))
    note("CurrentSymlink=", "Of several transfers with CurrentSymlink= the links are switched, but not judged.");
  return found;
}
