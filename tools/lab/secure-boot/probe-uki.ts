// A UKI that starts for real, says which one it is and whether Secure Boot is on, and powers off.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { zstdCompressSync } from "node:zlib";
import { type CpioEntry, writeCpio } from "../../../src/format/cpio-writer.ts";
import { quickKernel } from "../machine/machine.ts";
import type { MachineParts } from "../machine/parts.ts";
import { readModule } from "../initrd.ts";

const init = `#!/bin/busybox sh
b=/bin/busybox
$b mount -t devtmpfs dev /dev
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b insmod /efivarfs.ko
$b mount -t efivarfs efivarfs /sys/firmware/efi/efivars
secure=$($b tail -c 1 /sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c | $b od -An -tu1)
for word in $($b cat /proc/cmdline); do
  case $word in lab.name=*) echo "lab: \${word#*=} is up, secure boot is \${secure##* }" ;; esac
done
$b poweroff -f
`;

/** What a UKI of the lab starts: says which one it is, and powers off. */
export async function probeInitrd(parts: MachineParts): Promise<Uint8Array> {
  const entries: readonly CpioEntry[] = [
    ...["bin", "dev", "proc", "sys"].map((path): CpioEntry => ({ kind: "folder", path })),
    { kind: "file", path: "bin/busybox", bytes: await readFile(parts.busybox), executable: true },
    { kind: "file", path: "init", bytes: Buffer.from(init), executable: true },
    {
      kind: "file",
      path: "efivarfs.ko",
      bytes: await readModule(parts.busybox, join(parts.modules, "kernel"), "fs/efivarfs/efivarfs"),
    },
  ];
  return zstdCompressSync(writeCpio(entries));
}

/** `name` is `os_VERSION`. Unsigned; needs the toolbox's ukify. Files of the making are left in `folder`. */
export async function makeUki(
  parts: MachineParts,
  folder: string,
  name: string,
  initrd: Uint8Array,
): Promise<Uint8Array> {
  const file = (suffix: string): string => join(folder, `${name}.${suffix}`);
  await writeFile(file("initrd"), initrd);
  const version = name.replace(/^.*_/, "");
  await writeFile(file("release"), `ID=os\nIMAGE_ID=os\nIMAGE_VERSION=${version}\nPRETTY_NAME=${name}\n`);
  await promisify(execFile)(parts.tools.path("ukify"), [
    "build",
    `--linux=${parts.kernel}`,
    `--initrd=${file("initrd")}`,
    `--os-release=@${file("release")}`,
    `--cmdline=${[...quickKernel, "panic=5", `lab.name=${name}`].join(" ")}`,
    `--uname=${parts.kernelVersion}`,
    `--stub=${parts.stub}`,
    `--output=${file("efi")}`,
  ]);
  return readFile(file("efi"));
}

export async function probeUki(parts: MachineParts, folder: string, name: string): Promise<Uint8Array> {
  return makeUki(parts, folder, name, await probeInitrd(parts));
}
