// Our units in the tree of a machine, as the package and the image put them there; and systemd-sysupdate's timers.
import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export const unitFolder: string = join(import.meta.dirname, "../../packaging/systemd");
const place = "usr/lib/systemd/system";

/** Copies all of packaging/systemd that is a unit. Returns their names. */
export async function installUnits(root: string): Promise<readonly string[]> {
  await mkdir(join(root, place), { recursive: true });
  const names = (await readdir(unitFolder)).filter((name) => /\.(?:service|socket|timer)$/.test(name));
  for (const name of names) await copyFile(join(unitFolder, name), join(root, place, name));
  return names;
}

/** Units of these names that do nothing, with an [Install] section. */
export async function plantTimers(root: string, names: readonly string[]): Promise<void> {
  await mkdir(join(root, place), { recursive: true });
  for (const name of names)
    await writeFile(join(root, place, name), "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n");
}
