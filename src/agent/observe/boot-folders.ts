// Observe: where the ESP and the XBOOTLDR partition of the machine are (UAPI.1; bootctl(1) for the paths).
import { Fault } from "../../base/fault.ts";
import type { TransferTarget } from "../../format/definitions.ts";
import { joinPath } from "../../base/machine-path.ts";
import { findingFault, type Surroundings, surroundingsFinding } from "../../domain/surroundings.ts";
import type { FileSystem } from "../../port/disk.ts";
import type { Session } from "../session.ts";
import { readSurroundings, startedByUefi } from "./surroundings.ts";

export type BootFolderFaultCode = "no-boot-folder" | "no-transfer-source";

export interface BootFolder {
  readonly where: "esp" | "xbootldr";
  readonly path: string;
  readonly fileSystem: FileSystem;
}

export interface BootFolders {
  readonly esp: BootFolder | undefined;
  readonly xbootldr: BootFolder | undefined;
  /** Why no boot entry is started here, if so. */
  readonly surroundings?: Surroundings | undefined;
  /** Of the ESP that the boot loader came from, if no ESP is found. */
  readonly partition?: string | undefined;
  /** SYSTEMD_ESP_PATH, if it leads nowhere. */
  readonly named?: string | undefined;
}

/** How sure a folder must look: one that was named is believed; one that was guessed is FAT, or is marked as one is. */
type Look = "named" | "fat" | "marked";

/**
 * On a tree the ESP may be a folder: it holds EFI/, as the ESP of another file system would. The `efi` in which /boot
 * has the ESP mounted is no such mark, or entries would be put where no loader reads them.
 */
const markers: Readonly<Record<BootFolder["where"], string>> = { esp: "EFI", xbootldr: "loader" };

async function tryFolder(
  session: Session,
  where: BootFolder["where"],
  path: string,
  look: Look,
): Promise<BootFolder | undefined> {
  const { disk } = session.machine;
  const resolved = await disk.resolve(path);
  if (resolved === undefined) return undefined;
  const stat = await disk.stat(resolved);
  if (stat?.kind !== "folder") return undefined;
  // Listing makes an automount appear, so that the file system asked for next is the real one.
  const items = await disk.list(resolved);
  const fileSystem = await disk.fileSystem(resolved);
  const folder: BootFolder = { where, path: resolved, fileSystem };
  if (look === "named") return folder;
  const marked = look === "marked" && items.some((item) => item.name === markers[where]);
  if (fileSystem.type === "vfat") return folder;
  // What lies in the mount point of an ESP that is not mounted is read by no firmware.
  return marked && !(session.settings.live && (await startedByUefi(disk))) ? folder : undefined;
}

async function findEsp(session: Session): Promise<BootFolder | undefined> {
  const named = session.machine.process.environment("SYSTEMD_ESP_PATH");
  if (named !== undefined) return tryFolder(session, "esp", named, "named");
  for (const look of ["fat", "marked"] as const) {
    for (const path of ["/efi", "/boot", "/boot/efi"]) {
      const found = await tryFolder(session, "esp", path, look);
      if (found !== undefined) return look === "fat" && path === "/boot" ? innerEsp(session, found) : found;
    }
  }
  return undefined;
}

/** A FAT volume at /boot that has another at /boot/efi is the XBOOTLDR partition; its own folder EFI is no volume. */
async function innerEsp(session: Session, outer: BootFolder): Promise<BootFolder> {
  const inner = await tryFolder(session, "esp", "/boot/efi", "fat");
  return inner === undefined || inner.fileSystem.mountPoint !== inner.path ? outer : inner;
}

async function findXbootldr(session: Session, esp: BootFolder | undefined): Promise<BootFolder | undefined> {
  const named = session.machine.process.environment("SYSTEMD_XBOOTLDR_PATH");
  if (named !== undefined) return tryFolder(session, "xbootldr", named, "named");
  if (esp === undefined || esp.path === "/boot") return undefined;
  const boot = await tryFolder(session, "xbootldr", "/boot", "marked");
  // /boot on the file system of the root or of the ESP is a plain folder, not a partition of its own.
  if (boot === undefined || boot.fileSystem.mountPoint !== boot.path || boot.fileSystem.id === esp.fileSystem.id)
    return undefined;
  return boot;
}

/** SYSTEMD_ESP_PATH and SYSTEMD_XBOOTLDR_PATH are taken as systemd takes them: believed, inside the root. */
export async function findBootFolders(session: Session): Promise<BootFolders> {
  const esp = await findEsp(session);
  const xbootldr = await findXbootldr(session, esp);
  const surroundings = await readSurroundings(session);
  if (esp !== undefined) return { esp, xbootldr, surroundings };
  const partition = (await session.machine.loader.read("LoaderDevicePartUUID"))?.toLowerCase();
  return { esp, xbootldr, surroundings, partition, named: session.machine.process.environment("SYSTEMD_ESP_PATH") };
}

/** The folder that a target's `Path=` means on this machine. */
export function targetFolder(session: Session, boot: BootFolders, target: TransferTarget): string {
  switch (target.pathRelativeTo) {
    case "root":
      return target.path;
    case "explicit":
      return explicitFolder(session, target.path);
    case "esp":
      return joinPath((boot.esp ?? noEsp(session, boot)).path, target.path);
    case "xbootldr":
      return joinPath((boot.xbootldr ?? noXbootldr()).path, target.path);
    case "boot":
      return joinPath((boot.xbootldr ?? boot.esp ?? noEsp(session, boot)).path, target.path);
  }
}

export function explicitFolder(session: Session, path: string): string {
  const source = session.settings.transferSource;
  if (source !== undefined) return joinPath(source, path);
  throw new Fault<BootFolderFaultCode>(
    "no-transfer-source",
    "Cannot find the source: a definition says PathRelativeTo=explicit",
    {
      hint: "Name the folder with --from=DIR (holdfast update) or --transfer-source=DIR (sysupdate).",
      kind: "usage",
    },
  );
}

const partitionId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What helps depends on where we are: most often it is merely not mounted. */
function noEsp({ settings }: Session, { surroundings, partition = "", named }: BootFolders): never {
  const doing = "find the ESP";
  if (surroundings !== undefined) throw findingFault(doing, surroundingsFinding(surroundings));
  if (named !== undefined)
    throw noBootFolder(doing, `SYSTEMD_ESP_PATH names ${named}, which is no folder`, "Correct it.");
  const state = "it is not mounted at /efi, /boot or /boot/efi";
  const orNamed = "or name its folder in SYSTEMD_ESP_PATH.";
  if (!settings.live) throw noBootFolder(doing, state, `Mount it below the folder of --root, ${orNamed}`);
  const device = partitionId.test(partition) ? `/dev/disk/by-partuuid/${partition}` : undefined;
  throw noBootFolder(
    doing,
    state,
    device === undefined
      ? `Mount it (lsblk -o NAME,PARTTYPENAME says which it is), ${orNamed}`
      : `Mount it with: mount ${device} /efi; ${orNamed}`,
  );
}

function noXbootldr(): never {
  throw noBootFolder(
    "find an XBOOTLDR partition",
    "none is mounted at /boot",
    "Mount it, or name its folder in SYSTEMD_XBOOTLDR_PATH.",
  );
}

function noBootFolder(doing: string, state: string, hint: string): Fault {
  return new Fault<BootFolderFaultCode>("no-boot-folder", `Cannot ${doing}: ${state}`, { hint, kind: "refused" });
}
