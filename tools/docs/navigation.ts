// What is on the site, and in which order: the menu of every page.

export interface Chapter {
  readonly title: string;
  /** Pages by their path in the repository, and what the menu calls them. */
  readonly pages: readonly (readonly [path: string, title: string])[];
}

export const chapters: readonly Chapter[] = [
  {
    title: "Start",
    pages: [
      ["docs/README.md", "Overview"],
      ["docs/tutorial.md", "Tutorial"],
    ],
  },
  {
    title: "How to",
    pages: [
      ["docs/how-to/from-systemd-sysupdate.md", "Move from systemd-sysupdate"],
      ["docs/how-to/kde-linux.md", "KDE Linux's layout"],
      ["docs/how-to/partitions.md", "A/B partitions"],
      ["docs/how-to/mkosi.md", "mkosi"],
      ["docs/how-to/health-check.md", "Write a health check"],
      ["docs/how-to/recover.md", "Recover a machine"],
      ["docs/odd-systems.md", "Odd systems"],
    ],
  },
  {
    title: "Reference",
    pages: [
      ["docs/commands.md", "Commands"],
      ["docs/exit-codes.md", "Exit codes"],
      ["docs/definitions.md", "Definitions"],
      ["docs/state.md", "State folder"],
      ["docs/repository.md", "Repository"],
      ["docs/formats.md", "File formats"],
      ["docs/sysupdate.md", "Instead of systemd-sysupdate"],
      ["docs/units.md", "Units"],
      ["docs/signals.md", "Signals"],
      ["docs/varlink.md", "Varlink"],
      ["os/README.md", "Recipes and images"],
      ["os/initrd/README.md", "Initrd parts"],
    ],
  },
  {
    title: "What it is worth",
    pages: [
      ["docs/promises.md", "Promises"],
      ["docs/threat-model.md", "Threat model"],
      ["docs/limits.md", "Limits"],
      ["docs/boot.md", "Boots that fail"],
      ["docs/reliability.md", "Campaign"],
      ["ARCHITECTURE.md", "Architecture"],
      ["CHANGELOG.md", "Changes"],
    ],
  },
];

/** Where a page is on the site. */
export function sitePath(path: string): string {
  return path
    .replace(/^docs\//, "")
    .replace(/(^|\/)README\.md$/, "$1index.html")
    .replace(/\.md$/, ".html");
}
