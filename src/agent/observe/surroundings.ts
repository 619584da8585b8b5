// Observe: whether the machine we run on is one that starts what is installed: no container, no live system, and UEFI.
import type { Finding } from "../../domain/findings.ts";
import { isLiveCommandLine, type Surroundings, whyNowhere } from "../../domain/surroundings.ts";
import type { Disk } from "../../port/disk.ts";
import { readStart, readText } from "../../port/small-file.ts";
import type { Session } from "../session.ts";

/** What container managers leave in the containers that they start; systemd writes the first one where it is their init. */
const containerMarks: readonly (readonly [path: string, name: string])[] = [
  ["/run/systemd/container", ""],
  ["/run/.containerenv", "podman"],
  ["/.dockerenv", "docker"],
];

const containerName = /^[a-z][a-z0-9-]{1,30}$/;

async function containerOf(disk: Disk): Promise<string | undefined> {
  for (const [path, name] of containerMarks) {
    if ((await disk.stat(path)) === undefined) continue;
    const said = name === "" ? (await readText(disk, path).catch(() => ""))?.trim() : name;
    return said !== undefined && containerName.test(said) ? said : "of a kind that is not known";
  }
  return undefined;
}

/** Where live systems have their medium: Debian, Arch, dracut. */
const liveMedia = ["/run/live/medium", "/run/archiso", "/run/initramfs/live"];

async function isLiveSystem(disk: Disk): Promise<boolean> {
  for (const path of liveMedia) if ((await disk.stat(path)) !== undefined) return true;
  return isLiveCommandLine(await readStart(disk, "/proc/cmdline"));
}

/** On the tree of another machine, `undefined`: nothing of it runs. */
export async function readSurroundings({ machine, settings }: Session): Promise<Surroundings | undefined> {
  if (!settings.live) return undefined;
  const { disk } = machine;
  const name = await containerOf(disk);
  if (name !== undefined) return { kind: "in-container", name };
  if (await isLiveSystem(disk)) return { kind: "live-system" };
  // Without /sys nothing can be told.
  const isBios = (await disk.stat("/sys/firmware")) !== undefined && !(await startedByUefi(machine.disk));
  return isBios ? { kind: "no-uefi" } : undefined;
}

export async function startedByUefi(disk: Disk): Promise<boolean> {
  return (await disk.stat("/sys/firmware/efi")) !== undefined;
}

/** What started this machine, unless it was systemd-boot, which says who it is and what it starts. */
export async function readOtherLoader({ machine, settings }: Session): Promise<string | undefined> {
  const { disk, loader } = machine;
  const info = await loader.read("LoaderInfo");
  if (info !== undefined) return info.startsWith("systemd-boot") ? undefined : info;
  // With UEFI variables, silence is another loader's.
  if (!settings.live || !loader.available || !(await startedByUefi(disk))) return undefined;
  if ((await loader.read("LoaderEntrySelected")) !== undefined) return undefined;
  for (const path of ["/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"])
    if ((await disk.stat(path)) !== undefined) return "GRUB";
  return "another boot loader";
}

/** Why nothing starts a boot entry here; `undefined` where something does, as far as can be told. */
export async function findNowhere(session: Session): Promise<Finding | undefined> {
  return whyNowhere(await readSurroundings(session), await readOtherLoader(session));
}
