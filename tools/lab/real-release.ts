// Releases of a small real system: Debian's kernel in a unified kernel image with systemd's stub, Debian's userland in
// an erofs image. Kept in the cache folder by what they are made from, so that the second run takes no time.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cacheFolder, ensurePackages, ensureTools, type Missing } from "../toolbox/toolbox.ts";
import { writeChunkIndex } from "./chunk-index.ts";
import { makeInitrd } from "./initrd.ts";
import { describeFile, publishedName, type LabRelease, type LabRole } from "./release.ts";
import { osRelease } from "./small-release.ts";

const run = promisify(execFile);

export interface RealReleaseOptions {
  readonly version: string;
  readonly name?: string;
  /** Publishes the image's chunk index as well. */
  readonly index?: boolean;
  readonly say?: (line: string) => void;
}

/** Programs are missing and could not be fetched; `missing` says which, why, and what helps. */
export class MissingHelpers extends Error {
  readonly missing: readonly Missing[];

  constructor(missing: readonly Missing[]) {
    super(`Cannot make a real release: ${missing.map(({ program }) => program).join(", ")} missing`);
    this.missing = missing;
  }
}

interface Ingredients {
  readonly kernel: string;
  readonly kernelVersion: string;
  readonly modules: string;
  readonly stub: string;
  readonly userland: string;
  readonly busybox: string;
  readonly path: (program: string) => string;
}

/** Makes a release, or takes it from the cache. Throws MissingHelpers when something cannot be had. */
export async function makeRealRelease(options: RealReleaseOptions): Promise<LabRelease> {
  const { version, name = "os", index = false, say = () => undefined } = options;
  const ingredients = await gather(say);
  const folder = join(cacheFolder(), "releases", await cacheKey(ingredients, name, version));
  if (!existsSync(folder)) {
    say(`building release ${version}`);
    await mkdir(dirname(folder), { recursive: true });
    const staging = await mkdtemp(join(dirname(folder), ".building-"));
    try {
      await buildImage(staging, ingredients, name, version);
      await buildEntry(staging, ingredients, name, version);
      const image = await readFile(join(staging, publishedName(name, version, "image")));
      await writeFile(join(staging, publishedName(name, version, "index")), writeChunkIndex(image));
      await rename(staging, folder);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
  const roles: LabRole[] = index ? ["index", "image", "entry"] : ["image", "entry"];
  const files = roles.map((role) => {
    const fileName = publishedName(name, version, role);
    return describeFile(role, fileName, join(folder, fileName));
  });
  return { name, version, files: await Promise.all(files) };
}

async function gather(say: (line: string) => void): Promise<Ingredients> {
  const tools = await ensureTools(["mkfs.erofs", "ukify", "busybox"], { say });
  if (tools.missing.length > 0) throw new MissingHelpers(tools.missing);
  const [debian, efi] = process.arch === "arm64" ? ["arm64", "aa64"] : ["amd64", "x64"];
  const packages = async (names: readonly string[], only?: string): Promise<string> =>
    ensurePackages("trixie", names, only === undefined ? { say } : { say, only }).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      const remedy = "run this where apt reaches a Debian mirror that has trixie";
      throw new MissingHelpers([{ program: names.join(", "), why, remedy }]);
    });
  const kernelTree = await packages([`linux-image-cloud-${debian}`], "linux-image-");
  const stubTree = await packages(["systemd-boot-efi"], "systemd-boot-efi");
  const busyboxTree = await packages(["busybox-static"]);
  const kernel = (await readdir(join(kernelTree, "boot"))).find((file) => file.startsWith("vmlinuz-")) ?? "vmlinuz-";
  const kernelVersion = kernel.slice("vmlinuz-".length);
  return {
    kernel: join(kernelTree, "boot", kernel),
    kernelVersion,
    modules: join(kernelTree, "usr/lib/modules", kernelVersion),
    stub: join(stubTree, `usr/lib/systemd/boot/efi/linux${efi}.efi.stub`),
    userland: await packages(["base-files", "bash", "coreutils", "util-linux"]),
    busybox: join(busyboxTree, "usr/bin/busybox"),
    path: (program) => tools.path(program),
  };
}

/** Names everything that the bytes depend on: the ingredients, and this recipe itself. */
async function cacheKey(ingredients: Ingredients, name: string, version: string): Promise<string> {
  const hash = createHash("sha256").update(`${name} ${version} ${ingredients.kernelVersion}\n`);
  for (const path of [ingredients.stub, ingredients.kernel, ingredients.busybox])
    hash.update(`${(await stat(path)).size}\n`);
  for (const recipe of ["real-release.ts", "initrd.ts", "chunk-index.ts", "small-release.ts"]) {
    hash.update(await readFile(join(dirname(fileURLToPath(import.meta.url)), recipe)));
  }
  return `${name}_${version}-${hash.digest("hex").slice(0, 16)}`;
}

async function buildImage(folder: string, ingredients: Ingredients, name: string, version: string): Promise<void> {
  const tree = join(folder, "tree");
  await cp(ingredients.userland, tree, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  await rm(join(tree, "usr/lib/os-release"), { force: true });
  await writeFile(join(tree, "usr/lib/os-release"), osRelease(name, version));
  await writeFile(join(tree, "etc/issue"), `Lab OS ${version}\n`);
  await cp(ingredients.busybox, join(tree, "usr/bin/busybox"));
  await mkdir(join(tree, "usr/sbin"), { recursive: true });
  const init = `#!/bin/busybox sh\necho "lab: version ${version} is up"\nexec /bin/busybox sh\n`;
  await writeFile(join(tree, "usr/sbin/init"), init, { mode: 0o755 });
  const reproducible = ["-T0", `-U${uuidFrom(`${name} ${version}`)}`, "--all-root", "--quiet"];
  const target = join(folder, publishedName(name, version, "image"));
  await run(ingredients.path("mkfs.erofs"), ["-zzstd,3", "-C65536", ...reproducible, target, tree]);
  await rm(tree, { recursive: true });
}

async function buildEntry(folder: string, ingredients: Ingredients, name: string, version: string): Promise<void> {
  const at = (file: string): string => join(folder, file);
  await writeFile(at("initrd"), await makeInitrd(ingredients.busybox, ingredients.modules));
  await writeFile(at("os-release"), osRelease(name, version));
  await run(ingredients.path("ukify"), [
    "build",
    `--linux=${ingredients.kernel}`,
    `--initrd=${at("initrd")}`,
    `--uname=${ingredients.kernelVersion}`,
    `--os-release=@${at("os-release")}`,
    `--cmdline=holdfast.image=/${publishedName(name, version, "image")} console=ttyS0 panic=5`,
    `--stub=${ingredients.stub}`,
    `--output=${at(publishedName(name, version, "entry"))}`,
  ]);
  for (const file of ["initrd", "os-release"]) await rm(at(file));
}

function uuidFrom(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
