// Our units in the tree of a machine, as the package and the image put them there; and systemd-sysupdate's timers.
import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const packaging = join(import.meta.dirname, "../../packaging");
export const unitFolder: string = join(packaging, "systemd");
const place = "usr/lib/systemd/system";

/** Copies all system units of packaging, or those that update. Returns their names. */
export async function installUnits(
  root: string,
  folders: readonly string[] = ["systemd", "varlink"],
): Promise<readonly string[]> {
  await mkdir(join(root, place), { recursive: true });
  const all: string[] = [];
  for (const folder of folders) {
    const names = (await readdir(join(packaging, folder))).filter((name) => /\.(?:service|socket|timer)$/.test(name));
    for (const name of names) await copyFile(join(packaging, folder, name), join(root, place, name));
    all.push(...names);
  }
  return all;
}

/** Units of these names that do nothing, with an [Install] section. */
export async function plantTimers(root: string, names: readonly string[]): Promise<void> {
  await mkdir(join(root, place), { recursive: true });
  for (const name of names)
    await writeFile(join(root, place, name), "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n");
}
