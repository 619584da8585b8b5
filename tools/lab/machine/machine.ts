// A whole machine under UEFI firmware, boot by boot: each start ends when it powers off or wants to start again, so that its
// ESP can be looked at and changed in between. Keeps its variables, and the console of every boot in a folder.
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { espOffset } from "./disk.ts";
import { type EmulatorEnded, machineArguments, runEmulator } from "./emulator.ts";
import { EspImage } from "./esp-image.ts";
import type { MachineParts } from "./parts.ts";

export interface MachineOptions {
  readonly parts: MachineParts;
  /** For its variables and consoles. */
  readonly folder: string;
  /** A raw image with the ESP as its first partition; written to. */
  readonly disk: string;
  /** In place of the parts' own: with Secure Boot, say. The store of variables is copied. */
  readonly firmware?: { readonly code: string; readonly variables: string };
  /** A PCI watchdog, which the kernel knows as i6300esb; it ends the start when nobody feeds it. */
  readonly watchdog?: boolean;
  /** QEMU's user network: the host's loopback is 10.0.2.2. */
  readonly network?: boolean;
  readonly memoryMiB?: number;
  /** Further arguments of QEMU. */
  readonly more?: readonly string[];
}

export interface BootOptions {
  /** Words for the kernel command line of whatever entry starts. */
  readonly words?: readonly string[];
  /** For systemd: `io.systemd.credential:...` and the like, one SMBIOS string each. */
  readonly strings?: readonly string[];
  /** What is not over by then is taken to hang. */
  readonly secondsMax?: number;
  readonly heard?: (text: string) => void;
  /** Records every write and flush of the disk there, in the format of dm-log-writes. */
  readonly writeLog?: string;
  /** Pulls the plug when the console has said this. */
  readonly cutAt?: RegExp;
  /** Starts without the disk. */
  readonly withoutDisk?: boolean;
}

export interface Boot extends EmulatorEnded {
  /** Counts from 1. */
  readonly number: number;
}

/** What shortens a kernel's start under emulation, and more patience with disks than real machines need. */
export const quickKernel: readonly string[] = [
  "console=ttyS0",
  "quiet",
  "cryptomgr.notests",
  "nokaslr",
  "mitigations=off",
  "systemd.default_device_timeout_sec=60",
];

export class Machine {
  readonly esp: EspImage;
  readonly #options: MachineOptions;
  /** Its store of EFI variables, for variable-store.ts; not while it runs. */
  readonly variables: string;
  readonly boots: Boot[] = [];

  private constructor(options: MachineOptions, variables: string) {
    this.#options = options;
    this.variables = variables;
    this.esp = new EspImage(options.disk, espOffset);
  }

  static async create(options: MachineOptions): Promise<Machine> {
    await mkdir(options.folder, { recursive: true });
    const variables = join(options.folder, "variables.fd");
    await copyFile((options.firmware ?? options.parts.firmware).variables, variables);
    return new Machine(options, variables);
  }

  /** Switches it on, and waits for its end. The console is kept as `boot-NUMBER.log`. */
  async boot(options: BootOptions = {}): Promise<Boot> {
    const number = this.boots.length + 1;
    const ended = await runEmulator(this.#options.parts.emulator, this.#arguments(options), {
      secondsMax: options.secondsMax ?? 180,
      ...(options.heard === undefined ? {} : { heard: options.heard }),
      ...(options.cutAt === undefined ? {} : { cutAt: options.cutAt }),
    });
    const boot: Boot = { ...ended, number };
    await writeFile(join(this.#options.folder, `boot-${number}.log`), boot.console);
    this.boots.push(boot);
    return boot;
  }

  /** Starts it again and again as a machine does by itself, until it stays down, hangs, or was started so often. */
  async bootUntilDown(most: number, options: BootOptions = {}): Promise<readonly Boot[]> {
    const boots: Boot[] = [];
    while (boots.length < most) {
      const boot = await this.boot(options);
      boots.push(boot);
      if (boot.ended !== "reset" && boot.ended !== "watchdog") break;
    }
    return boots;
  }

  /** The consoles of all boots, for a failure's message. */
  get consoles(): string {
    return this.boots
      .map(({ number, ended, seconds, console }) => {
        const lines = console.trim().split("\n").slice(-60).join("\n");
        return `--- boot ${number}: ${ended} after ${seconds.toFixed(1)} s\n${lines}`;
      })
      .join("\n");
  }

  #arguments({ words = [], strings = [], writeLog, withoutDisk = false }: BootOptions): readonly string[] {
    const { parts, disk, memoryMiB = 1024, watchdog = false, network = false, more = [] } = this.#options;
    const { code } = this.#options.firmware ?? parts.firmware;
    const commandLine = [...quickKernel, ...words].join(" ");
    const smbios = [`io.systemd.stub.kernel-cmdline-extra=${commandLine}`, ...strings];
    return [
      ...machineArguments(memoryMiB, parts.emulatorFolders),
      ...firmwareArguments(code, this.variables),
      ...smbios.flatMap((value) => ["-smbios", `type=11,value=${value.replaceAll(",", ",,")}`]),
      ...(withoutDisk ? [] : diskArguments(disk, writeLog)),
      ...(watchdog ? ["-device", "i6300esb", "-action", "watchdog=reset"] : []),
      ...(network ? ["-nic", "user,model=virtio-net-pci"] : ["-nic", "none"]),
      ...more,
    ];
  }
}

/** The store of variables is this machine's own, written to. */
export function firmwareArguments(code: string, variables: string): readonly string[] {
  const flash = ["if=pflash", "format=raw"];
  return [
    "-drive",
    [...flash, "unit=0", "readonly=on", `file=${code}`].join(","),
    "-drive",
    [...flash, "unit=1", `file=${variables}`].join(","),
  ];
}

function diskArguments(image: string, log: string | undefined): readonly string[] {
  const logged = [
    "driver=blklogwrites",
    "file.driver=raw",
    "file.file.driver=file",
    `file.file.filename=${image}`,
    "log.driver=file",
    `log.filename=${log}`,
    "log-sector-size=512",
  ];
  const plain = ["driver=raw", "file.driver=file", `file.filename=${image}`];
  const drive = ["if=none", "id=disk", ...(log === undefined ? plain : logged)].join(",");
  return ["-drive", drive, "-device", "virtio-blk-pci,drive=disk,serial=disk,bootindex=1"];
}
