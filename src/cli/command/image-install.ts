// holdfast image install DISK: a release onto an empty disk or an image file; not bootable until the last step.
import { buildCommand } from "@stricli/core";
import type { InstallOptions } from "../../agent/image-install/install-disk.ts";
import { parseByteSize } from "../../sim/own-machine/byte-size.ts";
import { act } from "../act.ts";
import type { CliContext, CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags, onOff } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { pathArgument, versionArgument } from "../parse.ts";
import { hostPath } from "../place.ts";
import { renderInstall } from "../text/image-install.ts";
import { missing, usageFault } from "../usage-fault.ts";

interface Flags extends CommonFlags {
  readonly release?: string;
  readonly version?: string;
  readonly name?: string;
  readonly layout?: "kde" | "ab";
  readonly size?: number;
  readonly wipe: boolean;
  readonly source?: string;
  readonly keyring?: string;
  readonly unsigned: boolean;
  readonly fileSystem: "ext4" | "btrfs";
  readonly espSize?: number;
  readonly slotSize?: number;
  readonly loader?: string;
  readonly scratch: string;
}

/** Such as `16G` or `1.5G`. */
function sizeArgument(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw usageFault(`Cannot read ${JSON.stringify(text.slice(0, 80))} as a size`, "Write for example 512M or 16G.");
}

/** An address stays as it is; a folder is one of the host. */
function place(text: string, context: CliContext): string {
  return /^https?:\/\//i.test(text) ? text.replace(/\/+$/, "") : hostPath(text, context.workingFolder);
}

/** Where the new machine takes its updates from: the release's own address, unless that is a folder of this one. */
function sourceOf(flags: Flags, from: string): string {
  if (flags.source !== undefined) return flags.source;
  if (/^https?:\/\//i.test(from)) return from;
  throw usageFault(
    "Cannot install from a folder without --source: the new machine could not update itself",
    "Name the address that it is to take its updates from, for example --source=https://example.org/os.",
  );
}

function optionsFor(flags: Flags, disk: string, context: CliContext): InstallOptions {
  const { workingFolder } = context;
  if (flags.release === undefined)
    throw missing(
      "image install",
      "--release",
      "Name the folder or address that has the release, for example --release=./repository.",
    );
  const from = place(flags.release, context);
  return {
    disk: hostPath(disk, workingFolder),
    from,
    wish: {
      ...(flags.version === undefined ? {} : { version: flags.version }),
      ...(flags.name === undefined ? {} : { name: flags.name }),
      ...(flags.layout === undefined ? {} : { layout: flags.layout }),
    },
    unsigned: flags.unsigned,
    source: sourceOf(flags, from),
    fileSystem: flags.fileSystem,
    scratch: hostPath(flags.scratch, workingFolder),
    wipe: flags.wipe,
    ...(flags.size === undefined ? {} : { sizeBytes: flags.size }),
    ...(flags.espSize === undefined ? {} : { espBytes: flags.espSize }),
    ...(flags.slotSize === undefined ? {} : { slotBytes: flags.slotSize }),
    ...(flags.loader === undefined ? {} : { loader: hostPath(flags.loader, workingFolder) }),
  };
}

const text = { kind: "parsed", optional: true } as const;

export const page: CommandPage = {
  name: "image install",
  brief: "Put a release onto an empty disk or image file",
  description: [
    "Makes a machine of a disk: boot loader, boot entry, image, /etc from the image's factory, and the definitions and keyring it updates itself by. The release is verified against its signed SHA256SUMS before anything is written.",
    "The partition table comes last, when everything else was written, flushed and read back. Until then nothing starts from the disk; stopped at any moment, run it again. A disk that is mounted is refused, and so is one that holds anything, unless --wipe is given.",
    "Needs sfdisk, wipefs, lsblk, mkfs.fat, mcopy, fsck.erofs, and mkfs.ext4 or mkfs.btrfs.",
  ],
  examples: [
    { input: "image install /dev/sdb --release=URL", does: "the newest release" },
    { input: "image install os.img --size=16G --release=URL", does: "into a new file" },
    { input: "image install /dev/sdb --release=URL --layout=ab", does: "with dm-verity" },
  ],
  command: buildCommand<Flags, [disk: string], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        release: {
          ...text,
          parse: pathArgument,
          brief: "Folder or address of the release; must be given",
          placeholder: "PLACE",
        },
        version: {
          ...text,
          parse: versionArgument,
          brief: "This version instead of the newest",
          placeholder: "VERSION",
        },
        name: { ...text, parse: String, brief: "Which system, where there are several", placeholder: "NAME" },
        layout: {
          kind: "enum",
          values: ["kde", "ab"],
          optional: true,
          brief: "Images as files (kde) or in slots with dm-verity (ab)",
        },
        size: { ...text, parse: sizeArgument, brief: "Size of an image file that is to be made", placeholder: "SIZE" },
        wipe: { ...onOff, brief: "Overwrite what is on the disk" },
        source: {
          ...text,
          parse: pathArgument,
          brief: "Where the machine takes its updates from; must be given where --release is a folder",
          placeholder: "URL",
        },
        keyring: { ...text, parse: pathArgument, brief: "Whose signature the release must have", placeholder: "FILE" },
        unsigned: { ...onOff, brief: "Take a release that nobody signed; shown as unproven for ever" },
        fileSystem: {
          kind: "enum",
          values: ["ext4", "btrfs"],
          default: "ext4",
          brief: "File system of the system partition",
        },
        espSize: { ...text, parse: sizeArgument, brief: "Size of the ESP", placeholder: "SIZE" },
        slotSize: { ...text, parse: sizeArgument, brief: "Size of a slot for /usr", placeholder: "SIZE" },
        loader: { ...text, parse: pathArgument, brief: "The boot loader, if not the image's", placeholder: "FILE" },
        scratch: {
          kind: "parsed",
          parse: pathArgument,
          default: "/var/tmp",
          brief: "Folder for what is unpacked meanwhile",
          placeholder: "DIR",
        },
        ...commonFlags,
      },
      positional: { kind: "tuple", parameters: [{ parse: pathArgument, placeholder: "DISK", brief: "" }] },
    },
    func: act<Flags, [disk: string]>(
      {
        name: "image install",
        long: true,
        keeps: "Nothing starts from the disk, and nothing else was changed; the same command begins anew and finishes.",
        settings: (flags, machinePlace) =>
          flags.keyring === undefined ? {} : { keyring: machinePlace(flags.keyring) },
      },
      async ({ agent, session, print, context }, flags, disk) => {
        if (flags.root !== undefined)
          throw usageFault(
            "Cannot install with --root: the disk and the release are of this machine",
            "Leave --root away.",
          );
        print(await agent.installDisk(session, optionsFor(flags, disk, context)), renderInstall);
        return exit.done;
      },
    ),
  }),
};
