// The Workshop port on this host: Debian packages through its apt, programs out of a tools tree, without root.
import { createHash } from "node:crypto";
import { constants, existsSync } from "node:fs";
import {
  chmod,
  copyFile,
  link,
  lstat,
  mkdir,
  open,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { constants as zlibConstants, zstdCompress } from "node:zlib";
import { Fault } from "../../base/fault.ts";
import type { FetchedPackage, Workshop, WorkshopEntry } from "../../port/workshop.ts";
import { AptSource, DebianError } from "../debian/apt.ts";
import { lockCache } from "../debian/cache-lock.ts";
import { unpackTree } from "../debian/unpack.ts";
import { runTool } from "./run-tool.ts";
import { openScratch } from "./scratch.ts";
import { buildTools, morePackages, toolsSuite } from "./tools.ts";
import { writeToolScripts } from "./tool-scripts.ts";

export interface NodeWorkshopOptions {
  /** Where packages and trees are kept between builds. */
  readonly cache: string;
  /** The folder that the result goes to; it is made. */
  readonly output: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** Lists of packages are read anew, where that has not been done since. */
  readonly refresh?: boolean;
}

/** HOLDFAST_CACHE, or a folder of its own in the user's cache. */
export function workshopCache(env: Readonly<Partial<Record<string, string>>>): string {
  const { HOLDFAST_CACHE: own = "", XDG_CACHE_HOME: base = "" } = env;
  if (own.startsWith("/")) return own;
  return join(base.startsWith("/") ? base : join(homedir(), ".cache"), "holdfast");
}

const zstd = promisify(zstdCompress);

export async function nodeWorkshop(options: NodeWorkshopOptions): Promise<Workshop> {
  const { cache, output, say, signal, refresh = false } = options;
  const refreshed = new Set<string>();
  const source = new AptSource(cache, say);
  // Modes in an image are nobody's preference; what the programs make inherits this as well.
  const mask = process.umask(0o022);
  const scratch = await openScratch(output);
  let tools: Promise<string> | undefined;

  /** Asking apt takes seconds: what it answered holds as long as its lists and the downloaded files are there. */
  async function fetch(suite: string, names: readonly string[], only = ""): Promise<readonly FetchedPackage[]> {
    signal.throwIfAborted();
    if (refresh && !refreshed.has(suite)) await rm(join(cache, "apt", suite, "listed"), { force: true });
    refreshed.add(suite);
    const lists = await stat(join(cache, "apt", suite, "listed")).catch(() => undefined);
    const key = createHash("sha256").update(JSON.stringify([suite, names, only, lists?.mtimeMs]));
    const memo = join(cache, "resolved", `${key.digest("hex").slice(0, 16)}.json`);
    const known = await readFile(memo, "utf8").then(
      (text) => JSON.parse(text) as readonly string[],
      () => undefined,
    );
    if (lists !== undefined && known?.every(existsSync) === true) return known.map(packageOf);
    try {
      using _lock = await lockCache(cache, () => say("waiting for another build to finish downloading"));
      const files = await source.fetch(suite, names, only);
      await mkdir(dirname(memo), { recursive: true });
      await writeFile(`${memo}.${process.pid}`, JSON.stringify(files));
      await rename(`${memo}.${process.pid}`, memo);
      return files.map(packageOf);
    } catch (error) {
      if (error instanceof DebianError) throw packageFault(suite, error);
      throw error;
    }
  }

  async function unpacked(packages: readonly FetchedPackage[]): Promise<string> {
    const key = createHash("sha256").update(packages.map(({ file }) => basename(file)).join("\n"));
    const tree = join(cache, "unpacked", key.digest("hex").slice(0, 16));
    if (existsSync(tree)) return tree;
    using _lock = await lockCache(cache, () => say("waiting for another build to finish unpacking"));
    if (existsSync(tree)) return tree;
    signal.throwIfAborted();
    say(`unpacking ${packages.length} packages`);
    await unpackTree(
      packages.map(({ file }) => file),
      tree,
    );
    return tree;
  }

  async function prepareTools(): Promise<string> {
    const names = [...new Set([...buildTools.map((tool) => tool.package), ...morePackages])];
    const tree = await unpacked(await fetch(toolsSuite, names));
    return writeToolScripts(tree, buildTools);
  }

  return {
    scratch: scratch.folder,
    fetch,
    unpacked,
    async run(program, args, runOptions = {}) {
      const bin = await (tools ??= prepareTools());
      return runTool(join(bin, program), args, { path: bin, signal, env: runOptions.env ?? {} });
    },
    async runInside(tree, program, args, runOptions = {}) {
      const user = process.geteuid?.() === 0 ? [] : ["--user", "--map-root-user"];
      const inside = [...user, "--mount", `--root=${tree}`, "--", program, ...args];
      return runTool("unshare", inside, { signal, env: runOptions.env ?? {} });
    },
    list: listTree,
    async read(path) {
      return readFile(path).catch((error: NodeJS.ErrnoException) => {
        const state = error.code === "ENOENT" ? "it is not there" : (error.code ?? error.message);
        throw new Fault("no-such-file", `Cannot read ${path}: ${state}`, { cause: error });
      });
    },
    async kindOf(path) {
      const found = await stat(path).catch(() => undefined);
      return found?.isFile() === true ? "file" : found?.isDirectory() === true ? "folder" : "absent";
    },
    async copyFile(from, to) {
      await mkdir(dirname(to), { recursive: true });
      await rm(to, { force: true });
      await copyFile(from, to, constants.COPYFILE_FICLONE);
    },
    async write(path, bytes, mode = 0o644) {
      await mkdir(dirname(path), { recursive: true });
      await rm(path, { force: true });
      await writeFile(path, bytes);
      await chmod(path, mode);
    },
    setMode: chmod,
    async link(path, target) {
      await mkdir(dirname(path), { recursive: true });
      await rm(path, { force: true });
      await symlink(target, path);
    },
    async makeFolder(path) {
      await mkdir(path, { recursive: true });
      await chmod(path, 0o755);
    },
    remove: (path) => rm(path, { recursive: true, force: true }),
    async rename(from, to) {
      await mkdir(dirname(to), { recursive: true });
      await rename(from, to);
    },
    async share(from, to) {
      await link(from, to).catch(() => copyFile(from, to, constants.COPYFILE_FICLONE));
    },
    async copyTree(from, to) {
      signal.throwIfAborted();
      await mkdir(to, { recursive: true });
      await runTool("cp", ["-a", "--no-preserve=ownership", "--reflink=auto", `${from}/.`, to], { signal, env: {} });
    },
    async compress(bytes, level) {
      return zstd(bytes, { params: { [zlibConstants.ZSTD_c_compressionLevel]: level } });
    },
    async sha256(path) {
      const hash = createHash("sha256");
      await using file = await open(path);
      for await (const chunk of file.createReadStream({ autoClose: false })) hash.update(chunk as Buffer);
      return hash.digest("hex");
    },
    async signer(keyFile) {
      const { openpgpSigner } = await import("../signer/openpgp-key.ts");
      return openpgpSigner(keyFile);
    },
    async flush(path) {
      await using file = await open(path);
      await file.sync();
    },
    async [Symbol.asyncDispose]() {
      process.umask(mask);
      await scratch[Symbol.asyncDispose]();
    },
  };
}

/** Names of .deb files are NAME_VERSION_ARCH.deb, with what a file system does not like encoded. */
function packageOf(file: string): FetchedPackage {
  const [name = "", version = ""] = basename(file).split("_");
  return { name, version: decodeURIComponent(version), file };
}

function packageFault(suite: string, error: DebianError): Fault {
  const unknown = /Unable to locate package (\S+)/.exec(error.message)?.[1];
  if (unknown !== undefined)
    return new Fault("package-unknown", `Cannot fetch the package ${unknown}: Debian ${suite} has none of that name`, {
      hint: "Correct Packages= in the recipe.",
      cause: error,
    });
  return new Fault("packages-unavailable", `Cannot fetch packages of Debian ${suite}: ${error.message}`, {
    hint: "Run it where apt reaches a Debian mirror; what was downloaded is kept.",
    retriable: true,
    cause: error,
  });
}

/** Not readdir's own recursion, which goes through links to folders. */
async function listTree(folder: string): Promise<readonly WorkshopEntry[]> {
  const entries: WorkshopEntry[] = [];
  const folders = [""];
  for (let below = folders.pop(); below !== undefined; below = folders.pop()) {
    for (const name of await namesIn(join(folder, below), below === "")) {
      const path = below === "" ? name : `${below}/${name}`;
      const found = await lstat(join(folder, path));
      const kind = found.isFile() ? "file" : found.isDirectory() ? "folder" : found.isSymbolicLink() ? "link" : "other";
      if (kind === "folder") folders.push(path);
      entries.push({
        path,
        kind,
        mode: found.mode & 0o7777,
        sizeBytes: found.size,
        modifiedSeconds: Math.floor(found.mtimeMs / 1000),
        ...(kind === "link" ? { target: await readlink(join(folder, path)) } : {}),
      });
    }
  }
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function namesIn(folder: string, mayLack: boolean): Promise<readonly string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (mayLack && error.code === "ENOENT") return [];
    throw error;
  });
}
