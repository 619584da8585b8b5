// The machines of these parts: as distributions make them, and so that both versions of systemd-sysupdate can be compared.
// Its index is called `os_3.caibx`: as `os_3.erofs.caibx`, 257 takes it for the image (KDE Linux, March 2026), fault or none.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TreeAudit } from "../../../tools/lab/audit-tree.ts";
import type { LabMachine } from "../../../tools/lab/machine-tree.ts";
import type { LabRelease } from "../../../tools/lab/release.ts";

export function withIndexApart(release: LabRelease): LabRelease {
  const files = release.files.map((file) => ({ ...file, name: file.name.replace(".erofs.caibx", ".caibx") }));
  return { ...release, files };
}

/** The version that runs is not for vacuuming, and the index has its own name. */
export async function asDistributionsDo({ definitions }: LabMachine): Promise<void> {
  for (const name of await readdir(definitions)) {
    const path = join(definitions, name);
    const text = (await readFile(path, "utf8")).replaceAll(".erofs.caibx", ".caibx");
    await writeFile(path, `[Transfer]\nProtectVersion=%A\n\n${text}`);
  }
}

/** What the judge takes for a leftover because it does not know the index by this name. */
export function leftoversOf({ leftovers }: TreeAudit): readonly string[] {
  return leftovers.filter((path) => !/\/os_\d+\.caibx$/.test(path));
}
