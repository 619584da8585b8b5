// A release that boots in seconds: Debian's kernel, busybox, the initrd's parts and the userland of os/initrd/tiny.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { constants, zstdCompressSync } from "node:zlib";
import { type CpioEntry, writeCpio } from "../../src/format/cpio-writer.ts";
import type { MachineParts } from "../../tools/lab/machine/parts.ts";
import { cacheFolder } from "../../tools/toolbox/toolbox.ts";

const run = promisify(execFile);
const sources = join(import.meta.dirname, "../../os/initrd");

export interface TinyRelease {
  readonly version: string;
  /** os_VERSION.erofs: the content of /usr. */
  readonly image: string;
  /** os_VERSION.efi */
  readonly entry: string;
}

/** In the order they are loaded: each after those it needs. */
const modules = [
  "lib/libcrc32c",
  "drivers/block/virtio_blk",
  "drivers/block/loop",
  "fs/erofs/erofs",
  "fs/nls/nls_cp437",
  "fs/nls/nls_ascii",
  "fs/fat/fat",
  "fs/fat/vfat",
  "fs/efivarfs/efivarfs",
  "drivers/watchdog/watchdog",
  "drivers/watchdog/i6300esb",
];

/** Makes it, or takes it from the cache. */
export async function tinyRelease(parts: MachineParts, version: string): Promise<TinyRelease> {
  const initrd = await makeInitrd(parts);
  const hash = createHash("sha256").update(initrd).update(`${parts.kernelVersion} ${parts.stub}`);
  for (const path of [join(sources, "tiny/userland"), import.meta.filename]) hash.update(await readFile(path));
  const folder = join(cacheFolder(), "releases", `tiny_${version}-${hash.digest("hex").slice(0, 16)}`);
  const release = { version, image: join(folder, `os_${version}.erofs`), entry: join(folder, `os_${version}.efi`) };
  if (existsSync(folder)) return release;
  await mkdir(dirname(folder), { recursive: true });
  const staging = await mkdtemp(join(dirname(folder), ".building-"));
  try {
    await makeImage(parts, staging, version);
    await makeEntry(parts, staging, version, initrd);
    await rename(staging, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return release;
}

async function makeInitrd({ busybox, modules: folder }: MachineParts): Promise<Uint8Array> {
  const folders = ["bin", "dev", "proc", "sys", "run", "sysroot", "modules", "usr", "usr/lib", "usr/lib/holdfast"];
  const entries: CpioEntry[] = [...folders, "usr/lib/holdfast/initrd"].map((path) => ({ kind: "folder", path }));
  const file = (path: string, bytes: Uint8Array): number =>
    entries.push({ kind: "file", path, bytes, executable: true });
  file("bin/busybox", await readFile(busybox));
  entries.push({ kind: "link", path: "bin/sh", target: "busybox" });
  file("init", await readFile(join(sources, "tiny/init")));
  const scripts = join(sources, "tree/usr/lib/holdfast/initrd");
  for (const name of (await readdir(scripts)).toSorted())
    file(`usr/lib/holdfast/initrd/${name}`, await readFile(join(scripts, name)));
  for (const [index, name] of modules.entries()) {
    const stem = name.slice(name.lastIndexOf("/") + 1);
    const bytes = await readModule(busybox, join(folder, "kernel", name));
    file(`modules/${String(index).padStart(2, "0")}-${stem}.ko`, bytes);
  }
  return zstdCompressSync(writeCpio(entries), { params: { [constants.ZSTD_c_compressionLevel]: 9 } });
}

async function readModule(busybox: string, path: string): Promise<Uint8Array> {
  if (existsSync(`${path}.ko`)) return readFile(`${path}.ko`);
  const options = { encoding: "buffer", maxBuffer: 1 << 26 } as const;
  return (await promisify(execFile)(busybox, ["xzcat", `${path}.ko.xz`], options)).stdout;
}

function osRelease(version: string): string {
  return `ID=os\nNAME="Tiny OS"\nPRETTY_NAME="Tiny OS ${version}"\nIMAGE_ID=os\nIMAGE_VERSION=${version}\n`;
}

async function makeImage({ busybox, tools }: MachineParts, folder: string, version: string): Promise<void> {
  const tree = join(folder, "tree");
  await mkdir(join(tree, "bin"), { recursive: true });
  await mkdir(join(tree, "lib/holdfast"), { recursive: true });
  await cp(busybox, join(tree, "bin/busybox"));
  await cp(join(sources, "tiny/userland"), join(tree, "lib/holdfast/tiny-userland"));
  await writeFile(join(tree, "lib/os-release"), osRelease(version));
  const quiet = ["-T0", "-U00000000-0000-4000-8000-00000000000a", "--all-root", "--quiet"];
  await run(tools.path("mkfs.erofs"), ["-zzstd,3", ...quiet, join(folder, `os_${version}.erofs`), tree]);
  await rm(tree, { recursive: true });
}

async function makeEntry(parts: MachineParts, folder: string, version: string, initrd: Uint8Array): Promise<void> {
  const at = (name: string): string => join(folder, name);
  await writeFile(at("initrd"), initrd);
  await writeFile(at("os-release"), osRelease(version));
  const commandLine = [
    "root=PARTLABEL=holdfast-system rw",
    `holdfast.usr=/system/os_${version}.erofs`,
    "panic=5 systemd.default_device_timeout_sec=20 console=ttyS0",
  ].join(" ");
  await run(parts.tools.path("ukify"), [
    "build",
    `--linux=${parts.kernel}`,
    `--initrd=${at("initrd")}`,
    `--uname=${parts.kernelVersion}`,
    `--os-release=@${at("os-release")}`,
    `--cmdline=${commandLine}`,
    `--stub=${parts.stub}`,
    `--output=${at(`os_${version}.efi`)}`,
  ]);
  for (const name of ["initrd", "os-release"]) await rm(at(name));
}
