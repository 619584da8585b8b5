// Makes the tree of a machine in a folder: definitions in KDE Linux's layout, keyring, ESP, system folder, an installed release.
import { constants, copyFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileOf, type LabRelease } from "./release.ts";
import { osRelease } from "./small-release.ts";

export interface MachineOptions {
  /** `Path=` of every source: an URL, or a folder. */
  readonly source: string;
  readonly name?: string;
  /** Bytes of the keyring that may sign; none is written when absent. */
  readonly keyring?: Uint8Array;
  /** Installed without a counter, as if blessed; the newest one is what os-release says is running unless `running` says otherwise. */
  readonly installed?: readonly LabRelease[];
  readonly running?: string;
  /** Adds the transfer of the chunk index, first in order, into the image's own folder. */
  readonly index?: boolean;
  readonly triesLeft?: number;
  readonly instancesMax?: number;
  readonly pathRelativeTo?: "boot" | "esp";
  readonly verify?: boolean;
  /** Set for sources that are folders. */
  readonly sourceType?: "url-file" | "regular-file";
  readonly loaderConf?: string;
}

/** Where things are on a machine of the lab, as paths of the host. */
export interface LabMachine {
  readonly root: string;
  readonly name: string;
  /** A folder that stands for the ESP. */
  readonly esp: string;
  readonly entries: string;
  readonly system: string;
  readonly definitions: string;
}

/** The places of a machine whose tree is in `root`. */
export function machineAt(root: string, name = "os"): LabMachine {
  return {
    root,
    name,
    esp: join(root, "efi"),
    entries: join(root, "efi/EFI/Linux"),
    system: join(root, "system"),
    definitions: join(root, "etc/sysupdate.d"),
  };
}

/** Makes the tree; `root` may exist, what is in it stays. */
export async function makeMachine(root: string, options: MachineOptions): Promise<LabMachine> {
  const { name = "os", installed = [], keyring, loaderConf = "timeout 5\n" } = options;
  const machine = machineAt(root, name);
  for (const folder of [machine.entries, machine.system, machine.definitions, join(root, "var/lib")]) {
    await mkdir(folder, { recursive: true });
  }
  for (const [file, text] of Object.entries(definitions(name, options)))
    await write(join(machine.definitions, file), text);
  if (keyring !== undefined) await write(join(root, "etc/systemd/import-pubring.pgp"), keyring);
  await write(join(machine.esp, "loader/loader.conf"), loaderConf);
  await write(join(machine.esp, "loader/entries.srel"), "type1\n");
  await write(join(root, "etc/machine-id"), "6f2c9a3b7d4e41c0a5b8e1f0d2c3b4a5\n");
  const running = options.running ?? installed.at(-1)?.version;
  await write(join(root, "usr/lib/os-release"), running === undefined ? `ID=${name}\n` : osRelease(name, running));
  for (const release of installed) await installRelease(machine, release);
  return machine;
}

/** Puts a release in place as an installer did before Holdfast was there: final names, no counter. */
export async function installRelease(machine: LabMachine, release: LabRelease): Promise<void> {
  for (const file of release.files) {
    const folder = file.role === "entry" ? machine.entries : machine.system;
    await copyFile(file.path, join(folder, file.name), constants.COPYFILE_FICLONE);
  }
}

/** The path on the host of an installed image. */
export function imagePath(machine: LabMachine, release: LabRelease): string {
  return join(machine.system, fileOf(release, "image").name);
}

function definitions(name: string, options: MachineOptions): Record<string, string> {
  const { source, index = false, triesLeft = 3, instancesMax = 2, pathRelativeTo = "boot", verify } = options;
  const type = options.sourceType ?? (/^(https?|file):/.test(source) ? "url-file" : "regular-file");
  const transfer = verify === undefined ? "" : `[Transfer]\nVerify=${verify ? "yes" : "no"}\n\n`;
  const from = (pattern: string): string =>
    `${transfer}[Source]\nType=${type}\nPath=${source}\nMatchPattern=${pattern}\n\n[Target]\nType=regular-file\n`;
  const files: Record<string, string> = {
    "20-root.transfer": `${from(`${name}_@v.erofs`)}Path=/system\nMatchPattern=${name}_@v.erofs\nMode=0444\nInstancesMax=${instancesMax}\n`,
    "30-uki.transfer":
      `${from(`${name}_@v.efi`)}Path=/EFI/Linux\nPathRelativeTo=${pathRelativeTo}\n` +
      `MatchPattern=${name}_@v+@l-@d.efi ${name}_@v+@l.efi ${name}_@v.efi\n` +
      `Mode=0444\nTriesLeft=${triesLeft}\nTriesDone=0\nInstancesMax=${instancesMax}\n`,
  };
  if (index) {
    const pattern = `${name}_@v.erofs.caibx`;
    files["10-index.transfer"] =
      `${from(pattern)}Path=/system\nMatchPattern=${pattern}\nMode=0444\nInstancesMax=${instancesMax}\n`;
  }
  return files;
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
