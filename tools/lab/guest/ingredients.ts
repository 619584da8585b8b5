// What guests are made of: the parts of machines, and an initrd and a disk of programs, kept in the toolbox's cache.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, realpath, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cacheFolder } from "../../toolbox/toolbox.ts";
import { machineParts, type MachineParts, packagesFor } from "../machine/parts.ts";
import { makeGuestInitrd } from "./guest-initrd.ts";

const run = promisify(execFile);
const checkout = join(import.meta.dirname, "../../..");

export interface GuestIngredients extends MachineParts {
  /** Mounts the disk of programs as the root, and starts the job. */
  readonly initrd: string;
  /** ext4, read-only: the guest's root, with Node and Holdfast's packages in it. */
  readonly programsDisk: string;
}

/** The root's programs: a small Debian, and what Holdfast calls. */
const packages = [
  "bash",
  "busybox-static",
  "coreutils",
  "dash",
  "dosfstools",
  "e2fsprogs",
  "fdisk",
  "libatomic1",
  "libstdc++6",
  "mount",
  "util-linux",
];

/** Mount points: a read-only root has to bring its own. */
const folders = [
  "dev",
  "proc",
  "sys",
  "run",
  "tmp",
  "efi",
  "system",
  "machine",
  "var",
  "etc",
  "srv",
  "root",
  "opt/holdfast",
];

const diskBytes = 512 << 20;

/** Fetches and builds what is not there yet. Throws NoGuest when something cannot be had. */
export async function guestIngredients(say: (line: string) => void = () => undefined): Promise<GuestIngredients> {
  const parts = await machineParts(say);
  const { busybox, kernelVersion, modules, tools } = parts;
  const programs = await packagesFor(packages, say);
  const folder = join(cacheFolder(), "guests", await cacheKey([kernelVersion, process.version, busybox, programs]));
  if (!existsSync(folder)) {
    say("building the guest's disk of programs");
    await mkdir(dirname(folder), { recursive: true });
    const staging = await mkdtemp(join(dirname(folder), ".building-"));
    try {
      await writeFile(join(staging, "initrd"), await makeGuestInitrd(busybox, modules));
      await makeProgramsDisk(join(staging, "programs.img"), programs, tools.path("mkfs.ext4"));
      await rename(staging, folder);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
  return { ...parts, initrd: join(folder, "initrd"), programsDisk: join(folder, "programs.img") };
}

/** Everything the cached files depend on; Holdfast itself is not among them, it comes with the job. */
async function cacheKey(facts: readonly string[]): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([facts, packages, folders]));
  hash.update(await readFile(join(checkout, "package-lock.json")));
  for (const recipe of ["ingredients.ts", "guest-initrd.ts"])
    hash.update(await readFile(join(dirname(fileURLToPath(import.meta.url)), recipe)));
  return hash.digest("hex").slice(0, 16);
}

async function makeProgramsDisk(image: string, programs: string, mkfs: string): Promise<void> {
  const root = `${image}.tree`;
  await cp(programs, root, { recursive: true, verbatimSymlinks: true });
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
  await rm(join(root, "usr/lib/os-release"), { force: true });
  await writeFile(join(root, "usr/lib/os-release"), "");
  await cp(await realpath(process.execPath), join(root, "usr/bin/node"));
  // Only what is needed at run time: the packages that the lock file does not call development's.
  const packagesFolder = join(root, "opt/packages/node_modules");
  await mkdir(join(packagesFolder, ".bin"), { recursive: true });
  await symlink("/usr/bin/node", join(packagesFolder, ".bin/node"));
  for (const name of await runtimePackages()) {
    await cp(join(checkout, "node_modules", name), join(packagesFolder, name), { recursive: true, dereference: true });
  }
  await writeFile(image, "");
  await truncate(image, diskBytes);
  await run(mkfs, ["-q", "-m", "0", "-O", "^has_journal", "-d", root, image]);
  await rm(root, { recursive: true });
}

async function runtimePackages(): Promise<readonly string[]> {
  const lock = JSON.parse(await readFile(join(checkout, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly optional?: boolean }>>;
  };
  return Object.entries(lock.packages)
    .filter(([path, { dev, optional }]) => path.startsWith("node_modules/") && dev !== true && optional !== true)
    .map(([path]) => path.slice("node_modules/".length))
    .filter((name) => existsSync(join(checkout, "node_modules", name)));
}
