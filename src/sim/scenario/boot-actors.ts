// The boot loader and systemd-bless-boot as programs whose renames the power may cut: on FAT the old name, the new one,
// both or neither are left (DESIGN, model of a disk; D.8).
import type { Command } from "./commands.ts";
import { entryPath } from "./sample-machine.ts";

const folder = entryPath("").slice(0, -1);

/** As bless-boot does it: rename, flush the folder, flush the file system. */
const renames =
  (from: string, to: string): Command =>
  async ({ disk }) => {
    if ((await disk.stat(entryPath(from))) === undefined || (await disk.stat(entryPath(to))) !== undefined) return;
    await disk.rename(entryPath(from), entryPath(to));
    await disk.syncFolder(folder);
    await using file = await disk.open(entryPath(to), "modify");
    await file.sync();
  };

/** The loader counts the first boot of version 2. */
export const counted: Command = renames("os_2+3-0.efi", "os_2+2-1.efi");

/** Its first boot was found good. */
export const blessed: Command = renames("os_2+2-1.efi", "os_2.efi");
