// Starts a guest under QEMU, emulated everywhere alike, waits for its end, and answers what it printed.
import { machineArguments, runEmulator } from "../machine/emulator.ts";
import { firmwareArguments } from "../machine/machine.ts";
import type { GuestIngredients } from "./ingredients.ts";

export interface GuestDisk {
  /** A raw image. */
  readonly image: string;
  /** By which the guest finds it, in /sys/block/vdX/serial; at most 20 characters. */
  readonly serial: string;
  /** Records every write and flush there, in the format of dm-log-writes. The file exists and is empty. */
  readonly log?: string;
  readonly readOnly?: boolean;
}

export type GuestStart =
  /** The kernel and initrd of the ingredients, without firmware. */
  | { readonly kind: "kernel" }
  /** UEFI, which starts what it finds on the first disk; `variables` is this machine's own store, written to. */
  | { readonly kind: "firmware"; readonly variables: string };

export interface GuestOptions {
  readonly disks: readonly GuestDisk[];
  /** A tar archive for /opt/holdfast, as `makeJob` makes it. */
  readonly job: string;
  readonly start: GuestStart;
  readonly secondsMax?: number;
  readonly memoryMiB?: number;
  /** The guest's console, as it comes. */
  readonly heard?: (text: string) => void;
}

export interface GuestEnded {
  readonly console: string;
  readonly seconds: number;
  /** It did not end by itself in its time. */
  readonly hung: boolean;
}

/** What halves a kernel's start under emulation. */
const quickKernel = "console=ttyS0 quiet panic=1 cryptomgr.notests nokaslr mitigations=off";

/** Runs it until it powers off or wants to reboot, which ends it too: the next start is a call of its own. */
export async function runGuest(ingredients: GuestIngredients, options: GuestOptions): Promise<GuestEnded> {
  const { secondsMax = 300, heard } = options;
  const { emulator } = ingredients;
  const ended = await runEmulator(emulator, argumentsOf(ingredients, options), {
    secondsMax,
    ...(heard === undefined ? {} : { heard }),
  });
  return { console: ended.console, seconds: ended.seconds, hung: ended.ended === "hung" };
}

function argumentsOf(ingredients: GuestIngredients, options: GuestOptions): readonly string[] {
  const disks: readonly GuestDisk[] = [
    ...options.disks,
    { image: ingredients.programsDisk, serial: "programs", readOnly: true },
    { image: options.job, serial: "job", readOnly: true },
  ];
  return [
    ...machineArguments(options.memoryMiB ?? 1024, ingredients.emulatorFolders),
    "-net",
    "none",
    ...startArguments(ingredients, options.start),
    ...disks.flatMap((disk, index) => diskArguments(disk, index)),
  ];
}

function startArguments(ingredients: GuestIngredients, start: GuestStart): readonly string[] {
  if (start.kind === "kernel")
    return ["-kernel", ingredients.kernel, "-initrd", ingredients.initrd, "-append", quickKernel];
  return [
    ...firmwareArguments(ingredients.firmware.code, start.variables),
    "-smbios",
    `type=11,value=io.systemd.stub.kernel-cmdline-extra=${quickKernel}`,
  ];
}

function diskArguments({ image, serial, log, readOnly = false }: GuestDisk, index: number): readonly string[] {
  const id = `disk${index}`;
  const plain = [`driver=raw`, `file.driver=file`, `file.filename=${image}`];
  const logged = [
    "driver=blklogwrites",
    "file.driver=raw",
    "file.file.driver=file",
    `file.file.filename=${image}`,
    "log.driver=file",
    `log.filename=${log}`,
    "log-sector-size=512",
  ];
  const drive = ["if=none", `id=${id}`, ...(log === undefined ? plain : logged), `readonly=${readOnly ? "on" : "off"}`];
  return ["-drive", drive.join(","), "-device", `virtio-blk-pci,drive=${id},serial=${serial}`];
}
