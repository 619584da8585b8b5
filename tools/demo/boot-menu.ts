// Shows the boot menu as Holdfast sees it, and beside each entry what the independent judge finds on the disk.
import { auditTree, type TreeAudit } from "../lab/audit-tree.ts";
import type { LabMachine } from "../lab/machine-tree.ts";
import type { LabRelease } from "../lab/release.ts";
import { status } from "./holdfast.ts";
import { bad, good, paint, table } from "./screen.ts";

/** Prints and answers the judgement. */
export async function showBootMenu(machine: LabMachine, releases: readonly LabRelease[]): Promise<TreeAudit> {
  const [report, audit] = await Promise.all([status(machine.root), auditTree(machine, releases)]);
  const rows = report.menu.map((line) => {
    const judged = audit.entries.find((entry) => entry.fileName === line.fileName);
    const tries = typeof line.triesLeft === "number" ? `${line.triesLeft} tries left` : "blessed";
    const marks = [...(line.bootsNext ? ["boots next"] : []), ...(line.wayBack ? ["way back"] : [])].join(", ");
    const found = judged?.broken === undefined ? "entry and image intact" : `BROKEN: ${judged.broken}`;
    return [line.fileName, tries, marks, found];
  });
  table([["boot menu", "", "", "judged by sha256"], ...rows]);
  return audit;
}

/** Says whether every entry has its image; answers whether it is so. */
export function sayVerdict(audit: TreeAudit): boolean {
  if (audit.broken.length === 0) {
    good(`every entry has its image: ${audit.bootable.length} of ${audit.entries.length} entries can boot`);
  } else {
    for (const entry of audit.broken) bad(`${entry.fileName} is BROKEN: ${entry.broken ?? ""}`);
  }
  if (audit.leftovers.length > 0) {
    console.log(paint("dim", `     kept to go on from: ${audit.leftovers.join(", ")}`));
  }
  return audit.broken.length === 0;
}
