// The two file systems of an installed machine, built as files without loop device or mount: the ESP in FAT, and the
// system partition in ext4 or btrfs.
import { joinPath } from "../../base/machine-path.ts";
import { toBytes } from "../../base/text.ts";
import type { InstallPart } from "../../image/install-plan.ts";
import { espFiles, loaderTargets, type SystemFile, systemFolders, systemLinks } from "../../image/install-system.ts";
import type { Session } from "../session.ts";
import { makeFolders } from "../state/small-file.ts";
import { asRoot, runTool } from "./tool.ts";

export type SystemFileSystem = "ext4" | "btrfs";

/** Writes a file into a tree that is being staged; nothing of it has to survive a crash. */
async function writeStaged(session: Session, path: string, content: string | Uint8Array): Promise<void> {
  const { disk } = session.machine;
  await makeFolders(disk, path.slice(0, path.lastIndexOf("/")));
  if ((await disk.stat(path)) !== undefined) await disk.remove(path);
  await using file = await disk.open(path, "create");
  await file.write(0, typeof content === "string" ? toBytes(content) : content);
}

async function blankFile(session: Session, path: string, sizeBytes: number): Promise<void> {
  await using file = await session.machine.disk.open(path, "create");
  await file.truncate(sizeBytes);
}

export interface EspRequest {
  readonly part: InstallPart;
  readonly sectorBytes: number;
  readonly architecture: string;
  /** Its serial number: eight hex digits. */
  readonly id: string;
  /** The boot entry, and where it goes below the ESP's root. */
  readonly entry: { readonly from: string; readonly to: string };
  readonly loader: string;
  /** A folder for the content, and the file that becomes the volume. */
  readonly folder: string;
  readonly image: string;
}

/** FAT32, because firmware reads that everywhere; checked before anyone relies on it. */
export async function buildEsp(session: Session, request: EspRequest): Promise<void> {
  const { part, folder, image, entry } = request;
  const { disk } = session.machine;
  for (const [path, text] of espFiles) await writeStaged(session, joinPath(folder, path), text);
  for (const path of loaderTargets(request.architecture))
    await copyStaged(session, request.loader, joinPath(folder, path));
  await makeFolders(disk, joinPath(folder, "EFI/holdfast"));
  await makeFolders(disk, joinPath(folder, "EFI/Linux"));
  await disk.hardLink(entry.from, joinPath(folder, entry.to));
  await blankFile(session, image, part.sizeBytes);
  const doing = "make the ESP";
  const sector = ["-S", String(request.sectorBytes)];
  await runTool(session, "mkfs.fat", ["-F", "32", ...sector, "-i", request.id, "-n", "ESP", image], { doing });
  const tops = (await disk.list(folder)).map(({ name }) => joinPath(folder, name));
  await runTool(session, "mcopy", ["-s", "-Q", "-i", image, ...tops, "::/"], { doing });
  await runTool(session, "fsck.fat", ["-n", image], { doing: "trust the ESP that was made" });
}

async function copyStaged(session: Session, from: string, to: string): Promise<void> {
  await makeFolders(session.machine.disk, to.slice(0, to.lastIndexOf("/")));
  await runTool(session, "cp", ["--", from, to], { doing: `copy ${from}` });
}

export interface SystemPartRequest {
  readonly sizeBytes: number;
  readonly fileSystem: SystemFileSystem;
  /** The unpacked content of /usr: its /etc is made of share/factory/etc. */
  readonly usr: string;
  readonly files: readonly SystemFile[];
  /** The image of /usr, where it is a file of the system partition. */
  readonly image: { readonly from: string; readonly to: string } | undefined;
  readonly keyring: Uint8Array | undefined;
}

/** The tree that becomes `/`. */
export async function stageSystem(session: Session, request: SystemPartRequest, tree: string): Promise<void> {
  const { disk } = session.machine;
  const { usr, files, image, keyring } = request;
  const at = (path: string): string => joinPath(tree, path);
  await makeFolders(disk, tree);
  for (const [path, mode] of systemFolders) {
    await disk.makeFolder(at(path));
    const made = await disk.stat(at(path));
    if (made !== undefined) await disk.setFolderMode(at(path), mode, made.uid, made.gid);
  }
  for (const [path, target] of systemLinks)
    if ((await disk.resolve(joinPath(usr, target.slice("usr/".length)))) !== undefined)
      await disk.symlink(target, at(path));
  const factory = joinPath(usr, "share/factory/etc");
  if ((await disk.resolve(factory)) !== undefined)
    await runTool(session, "cp", ["--archive", "--", `${factory}/.`, at("etc")], { doing: "copy the image's /etc" });
  for (const { path, text, unlessThere } of files)
    if (!unlessThere || (await disk.stat(at(path))) === undefined) await writeStaged(session, at(path), text);
  if (keyring !== undefined) await writeStaged(session, at("etc/systemd/import-pubring.pgp"), keyring);
  if (image === undefined) return;
  await disk.hardLink(image.from, at(image.to));
  await using file = await disk.open(image.from, "read");
  await file.setMode(0o444);
}

/** Makes the volume of a staged tree and checks it. */
export async function buildSystem(
  session: Session,
  request: SystemPartRequest,
  tree: string,
  image: string,
): Promise<void> {
  const doing = "make the system partition";
  await blankFile(session, image, request.sizeBytes);
  if (request.fileSystem === "btrfs") {
    const made = asRoot(session, "mkfs.btrfs", ["--quiet", "--label", "holdfast", "--rootdir", tree, image]);
    await runTool(session, ...made, { doing });
    await runTool(session, "btrfs", ["check", "--readonly", image], { doing: "trust the file system that was made" });
    return;
  }
  const options = ["-q", "-F", "-b", "4096", "-m", "1", "-L", "holdfast", "-E", "root_owner=0:0"];
  const made = asRoot(session, "mkfs.ext4", [...options, "-d", tree, image]);
  await runTool(session, ...made, { doing });
  await runTool(session, "e2fsck", ["-f", "-n", image], { doing: "trust the file system that was made" });
}
