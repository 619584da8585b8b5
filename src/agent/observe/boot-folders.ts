// Observe: where the ESP and the XBOOTLDR partition of the machine are (UAPI.1; bootctl(1) for the paths).
import { Fault } from "../../base/fault.ts";
import type { TransferTarget } from "../../format/definitions.ts";
import { joinPath } from "../../base/machine-path.ts";
import type { FileSystem } from "../../port/disk.ts";
import type { Session } from "../session.ts";

export type BootFolderFaultCode = "no-boot-folder" | "no-transfer-source";

export interface BootFolder {
  readonly where: "esp" | "xbootldr";
  readonly path: string;
  readonly fileSystem: FileSystem;
}

export interface BootFolders {
  readonly esp: BootFolder | undefined;
  readonly xbootldr: BootFolder | undefined;
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
  return fileSystem.type === "vfat" || marked ? folder : undefined;
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
  return { esp, xbootldr: await findXbootldr(session, esp) };
}

/** The folder that a target's `Path=` means on this machine. */
export function targetFolder(session: Session, boot: BootFolders, target: TransferTarget): string {
  switch (target.pathRelativeTo) {
    case "root":
      return target.path;
    case "explicit":
      return explicitFolder(session, target.path);
    case "esp":
      return joinPath(demand(boot.esp, "the ESP", "SYSTEMD_ESP_PATH"), target.path);
    case "xbootldr":
      return joinPath(demand(boot.xbootldr, "an XBOOTLDR partition", "SYSTEMD_XBOOTLDR_PATH"), target.path);
    case "boot":
      return joinPath(demand(boot.xbootldr ?? boot.esp, "the ESP", "SYSTEMD_ESP_PATH"), target.path);
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

function demand(folder: BootFolder | undefined, what: string, variable: string): string {
  if (folder !== undefined) return folder.path;
  throw new Fault<BootFolderFaultCode>(
    "no-boot-folder",
    `Cannot find ${what}: it is not mounted at /efi, /boot or /boot/efi`,
    {
      hint: `Mount it, or name its folder in ${variable}.`,
      kind: "refused",
    },
  );
}
