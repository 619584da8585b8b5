// Writes the drop-in that switches a feature or component on or off, as systemd 262 writes it.
import { Fault } from "../../base/fault.ts";
import type { Disk, MachinePath } from "../../port/disk.ts";

const dropInName = "50-systemd-sysupdate-enabled.conf";

export interface Switch {
  /** `Feature` or `Component`. */
  readonly section: string;
  /** The folder of drop-ins: `/etc/sysupdate.d/NAME.feature.d`. */
  readonly folder: MachinePath;
  readonly enable: boolean;
  readonly verb: string;
}

async function makeFolders(disk: Disk, folder: MachinePath): Promise<void> {
  const parts = folder.split("/").filter((part) => part !== "");
  for (let count = 1; count <= parts.length; count += 1) {
    const path = `/${parts.slice(0, count).join("/")}`;
    if ((await disk.resolve(path)) === undefined) await disk.makeFolder(path);
  }
}

/** All or nothing: written beside, flushed, and put in place by a rename (/etc is no FAT). */
export async function writeSwitch(disk: Disk, { section, folder, enable, verb }: Switch): Promise<void> {
  await makeFolders(disk, folder);
  const text = `# Generated via 'systemd-sysupdate ${verb}'\n\n[${section}]\nEnabled=${enable ? "yes" : "no"}\n`;
  const staging = `${folder}/.${dropInName}.new`;
  if ((await disk.stat(staging)) !== undefined) await disk.remove(staging);
  {
    await using file = await disk.open(staging, "create");
    await file.write(0, new TextEncoder().encode(text));
    await file.setMode(0o644);
    await file.sync();
  }
  await disk.replace(staging, `${folder}/${dropInName}`);
  await disk.syncFolder(folder);
}

/** A name that becomes part of a path: a file name without slashes (systemd's `feature_name_valid`). */
export function nameForPath(kind: string, name: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  if (name !== "" && name !== "." && name !== ".." && name.length <= 200 && !/[/\u0000-\u001f]/.test(name)) return name;
  throw new Fault("bad-name", `${kind} name invalid: ${name}`, { kind: "usage" });
}
