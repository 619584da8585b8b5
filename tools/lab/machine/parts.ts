// What machines and guests are made of: the emulator, UEFI firmware, systemd's boot loader and stub, Debian's kernel; all
// from packages kept in the toolbox's cache.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describeMissing, ensurePackages, ensureTools, type Missing, type Tools } from "../../toolbox/toolbox.ts";

export interface MachineParts {
  /** The emulator, and the folders it finds its own firmware in. */
  readonly emulator: string;
  readonly emulatorFolders: readonly string[];
  readonly kernel: string;
  readonly kernelVersion: string;
  /** The kernel's folder below /usr/lib/modules. */
  readonly modules: string;
  /** Of UEFI: the code, and a store of variables to be copied for each machine. */
  readonly firmware: { readonly code: string; readonly variables: string };
  readonly systemdBoot: string;
  readonly stub: string;
  /** A static one. */
  readonly busybox: string;
  readonly tools: Tools;
}

/** A machine cannot be had here; `missing` says why. */
export class NoGuest extends Error {
  readonly missing: readonly Missing[];

  constructor(missing: readonly Missing[]) {
    super(describeMissing(missing).join("\n"));
    this.missing = missing;
  }
}

const programs = ["qemu-system-x86_64", "mkfs.ext4", "busybox"];

type Say = (line: string) => void;

/** Unpacks packages of a suite; throws NoGuest when they cannot be had. */
export async function packagesFor(
  names: readonly string[],
  say: Say,
  only?: string,
  suite: "trixie" | "forky" = "trixie",
): Promise<string> {
  return ensurePackages(suite, names, only === undefined ? { say } : { say, only }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new NoGuest([
      { program: names.join(", "), why, remedy: `run this where apt reaches a Debian mirror that has ${suite}` },
    ]);
  });
}

/** Fetches what is not there yet, `more` programs of the toolbox too. Throws NoGuest when something cannot be had. */
export async function machineParts(say: Say = () => undefined, more: readonly string[] = []): Promise<MachineParts> {
  if (process.arch !== "x64")
    throw new NoGuest([
      { program: "a guest", why: `guests are x86-64, this is ${process.arch}`, remedy: "use x86-64" },
    ]);
  const tools = await ensureTools([...programs, ...more], { say });
  if (tools.missing.length > 0) throw new NoGuest(tools.missing);
  const emulatorTree = await packagesFor(["qemu-system-x86"], say);
  const kernelTree = await packagesFor(["linux-image-cloud-amd64"], say, "linux-image-");
  const firmwareTree = await packagesFor(["ovmf"], say, "ovmf");
  const bootTree = await packagesFor(["systemd-boot-efi"], say, "systemd-boot-efi");
  const kernel = (await readdir(join(kernelTree, "boot"))).find((file) => file.startsWith("vmlinuz-")) ?? "vmlinuz-";
  const kernelVersion = kernel.slice("vmlinuz-".length);
  return {
    emulator: tools.path("qemu-system-x86_64"),
    emulatorFolders: ["qemu", "seabios"].map((name) => join(emulatorTree, "usr/share", name)),
    kernel: join(kernelTree, "boot", kernel),
    kernelVersion,
    modules: join(kernelTree, "usr/lib/modules", kernelVersion),
    firmware: {
      code: join(firmwareTree, "usr/share/OVMF/OVMF_CODE_4M.fd"),
      variables: join(firmwareTree, "usr/share/OVMF/OVMF_VARS_4M.fd"),
    },
    systemdBoot: systemdBootOf(bootTree),
    stub: join(bootTree, "usr/lib/systemd/boot/efi/linuxx64.efi.stub"),
    busybox: join(await packagesFor(["busybox-static"], say), "usr/bin/busybox"),
    tools,
  };
}

/** systemd-boot of Debian's next release, with what it does otherwise: 262 instead of 257. */
export async function nextSystemdBoot(say: Say = () => undefined): Promise<string> {
  return systemdBootOf(await packagesFor(["systemd-boot-efi"], say, "systemd-boot-efi", "forky"));
}

function systemdBootOf(tree: string): string {
  return join(tree, "usr/lib/systemd/boot/efi/systemd-bootx64.efi");
}
