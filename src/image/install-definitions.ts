// The definitions that an installed machine updates itself by (sysupdate.d, interfaces D.1): one set a layout.
// They are systemd-sysupdate's own format, so that it reads them as well.
import { installFileName, type InstallLayout, type InstallRole } from "./install-release.ts";

export interface InstallDefinition {
  /** The transfer's id: its file's name without the ending. */
  readonly id: string;
  readonly role: InstallRole;
  readonly text: string;
}

export interface DefinitionRequest {
  readonly name: string;
  readonly layout: InstallLayout;
  /** `Path=` of every source. */
  readonly source: string;
}

const triesLeft = 3;

function source({ name, layout, source: path }: DefinitionRequest, role: InstallRole): string {
  const type = /^(https?|file):/i.test(path) ? "url-file" : "regular-file";
  return `[Source]\nType=${type}\nPath=${path.replaceAll("%", "%%")}\nMatchPattern=${installFileName(name, "@v", layout, role)}\n\n[Target]\n`;
}

/** Names on the ESP have their final width from the start, so that counting never changes their length. */
function entryTarget(name: string): string {
  return (
    "Type=regular-file\nPath=/EFI/Linux\nPathRelativeTo=boot\n" +
    `MatchPattern=${name}_@v+@l-@d.efi ${name}_@v+@l.efi ${name}_@v.efi\n` +
    `Mode=0444\nTriesLeft=${triesLeft}\nTriesDone=0\nInstancesMax=2\n`
  );
}

function fileTarget(name: string): string {
  return `Type=regular-file\nPath=/system\nMatchPattern=${name}_@v.erofs\nMode=0444\nInstancesMax=2\n`;
}

function slotTarget(name: string, role: "usr" | "verity"): string {
  const [pattern, type] = role === "usr" ? [`${name}_@v`, "usr"] : [`${name}_@v_verity`, "usr-verity"];
  return `Type=partition\nPath=auto\nMatchPattern=${pattern}\nMatchPartitionType=${type}\nInstancesMax=2\n`;
}

/** In the order of their file names, the entry last: that is what older systemd-sysupdate goes by (P1). */
export function installDefinitions(request: DefinitionRequest): readonly InstallDefinition[] {
  const { name, layout } = request;
  const entry = { id: "30-uki", role: "entry" as const, text: source(request, "entry") + entryTarget(name) };
  if (layout === "kde") return [{ id: "20-usr", role: "usr", text: source(request, "usr") + fileTarget(name) }, entry];
  return [
    { id: "20-usr", role: "usr", text: source(request, "usr") + slotTarget(name, "usr") },
    { id: "22-usr-verity", role: "verity", text: source(request, "verity") + slotTarget(name, "verity") },
    entry,
  ];
}
