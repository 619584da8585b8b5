// A clean Debian in a folder, made of packages as an installer makes it, with dpkg's own database: made once and kept in
// the cache of the toolbox, copied for each test. What runs in it has its own mounts, and the network of this machine.
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { AptSource } from "../../src/adapter/debian/apt.ts";
import { lockCache } from "../../src/adapter/debian/cache-lock.ts";
import { unpackTree } from "../../src/adapter/debian/unpack.ts";
import { cacheFolder } from "../../tools/toolbox/toolbox.ts";
import type { Running } from "../e2e/run.ts";

const execute = promisify(execFile);

export type DebianSuite = "bookworm" | "trixie";

/** Those that are Essential, and what the packages under test depend on; apt adds what these need. */
const system =
  "base-files base-passwd bash bsdutils coreutils dash debianutils diffutils dpkg findutils grep gzip hostname " +
  "init-system-helpers libc-bin login mawk ncurses-base ncurses-bin perl-base sed sysvinit-utils tar util-linux " +
  "bzip2 cpio dosfstools e2fsprogs fdisk libatomic1 libstdc++6 mount xz-utils";
/** Its scripts and data are enough for it: none of its packages is configured. */
const lintianPackages =
  "lintian base-files bash coreutils dash diffutils dpkg file findutils grep gzip libc-bin sed tar xz-utils zstd";
const packages = { system, lintian: lintianPackages } as const;
/** Changes when the way in which a root is made does. */
const edition = 1;
/** What the others' scripts need before they can run. */
const first = ["base-passwd", "base-files", "dpkg", "libc6", "perl-base", "mawk", "debconf"];

/** Why there can be no such root on this machine; undefined when there can. */
export async function whyNoDebianRoot(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "it needs root";
  const probe = await execute("unshare", ["--mount", "chroot", "/", "true"]).catch((error: Error) => error);
  return probe instanceof Error ? `namespaces are not allowed: ${probe.message.split("\n")[0]}` : undefined;
}

/** The folder of the one that is kept. Throws DebianError where packages cannot be had. */
async function keptRoot(suite: DebianSuite, use: "system" | "lintian"): Promise<string> {
  const cache = cacheFolder();
  const kept = join(cache, "roots", `${suite}-${use}-${edition}`);
  if (existsSync(kept)) return kept;
  using _lock = await lockCache(cache, () => undefined);
  if (existsSync(kept)) return kept;
  const files = await new AptSource(cache, () => undefined).fetch(suite, packages[use].split(" "));
  const staging = `${kept}.new`;
  await rm(staging, { recursive: true, force: true });
  await unpackTree(files, staging, []);
  if (use === "system") await configure(staging, files);
  else await prepareLintian(staging);
  await rename(staging, kept);
  return kept;
}

async function configure(staging: string, files: readonly string[]): Promise<void> {
  const place = join(staging, "packages");
  await mkdir(place);
  for (const file of files) await copyFile(file, join(place, basename(file)));
  const quick = ["--force-unsafe-io", "--force-depends", "--force-confold"];
  for (const name of first) {
    const file = files.map((path) => basename(path)).find((path) => path.startsWith(`${name}_`));
    if (file !== undefined) await runInRoot(staging, ["dpkg", ...quick, "--install", `/packages/${file}`]);
  }
  await runInRoot(staging, ["sh", "-c", `dpkg ${quick.join(" ")} --unpack /packages/*.deb`]);
  await runInRoot(staging, ["dpkg", ...quick, "--configure", "--pending"]);
  await rm(place, { recursive: true });
}

/** What scripts of packages would have made, and a place for what it is to look at. */
async function prepareLintian(staging: string): Promise<void> {
  await symlink("debian", join(staging, "etc/dpkg/origins/default"));
  await writeFile(join(staging, "etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
  await writeFile(join(staging, "etc/group"), "root:x:0:\n");
  await mkdir(join(staging, "packages"));
}

/** Copies a clean Debian into `folder`, which is there and empty. */
export async function copyRoot(suite: DebianSuite, folder: string): Promise<void> {
  await execute("cp", ["--archive", "--reflink=auto", `${await keptRoot(suite, "system")}/.`, folder]);
}

const enter = `mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && exec chroot "$@"`;
const environment = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LC_ALL: "C",
  DEBIAN_FRONTEND: "noninteractive",
};
const secondsMax = 240;

/** Starts a program in the root; its process id is that of the program. */
export function startInRoot(root: string, command: readonly string[], env: Record<string, string> = {}): Running {
  const begin = performance.now();
  const child = spawn("unshare", ["--mount", "--", "sh", "-c", enter, "sh", root, ...command], {
    env: { ...environment, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const hangs = setTimeout(() => child.kill("SIGKILL"), secondsMax * 1000);
  const ended = new Promise<Awaited<Running["ended"]>>((resolve, reject) => {
    child.once("error", reject).once("close", (code, signal) => {
      clearTimeout(hangs);
      resolve({ code, signal, stdout, stderr, seconds: (performance.now() - begin) / 1000 });
    });
  });
  return { child, ended };
}

/** What lintian says of all packages in `folder`, notices included; an empty text when it finds nothing. */
export async function lintian(suite: DebianSuite, folder: string): Promise<string> {
  const kept = await keptRoot(suite, "lintian");
  const script =
    'mount --bind "$2" "$1/packages" && mount -t tmpfs tmpfs "$1/tmp" && mount -t proc proc "$1/proc" && ' +
    'mount --rbind /dev "$1/dev" && exec chroot "$1" sh -c "exec lintian --allow-root --no-cfg --display-info ' +
    '--pedantic --tag-display-limit 0 /packages/*.deb"';
  const inside = ["--mount", "--", "sh", "-c", script, "sh", kept, folder];
  const ran = await execute("unshare", inside, { env: environment }).catch(
    (error: Error & { readonly stdout?: string; readonly stderr?: string }) => error,
  );
  return `${ran.stdout ?? ""}${ran.stderr ?? ""}`;
}

/** Runs it to its end, which has to be a good one; answers what it said on standard output. */
export async function runInRoot(
  root: string,
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { code, signal, stdout, stderr } = await startInRoot(root, command, env).ended;
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code ?? signal}\n${stdout}${stderr}`);
  return stdout;
}
