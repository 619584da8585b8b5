// Helper programs and files from Debian packages, in a cache folder of the user's own, without root.
// What is there is used without asking the network; what is missing is named together with its remedy.
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { AptSource, DebianError, type PackageSource } from "../../src/adapter/debian/apt.ts";
import { unpackTree } from "../../src/adapter/debian/unpack.ts";
import { hostProgram } from "./host.ts";
import { lockCache } from "../../src/adapter/debian/cache-lock.ts";
import { type ProgramEntry, programs, type Suite } from "./table.ts";
import { programKind, wrapperText } from "../../src/adapter/debian/wrapper.ts";

export interface Missing {
  readonly program: string;
  readonly why: string;
  readonly remedy: string;
}

export interface Tools {
  /** Prefix PATH with it. */
  readonly binFolder: string;
  readonly missing: readonly Missing[];
  /** The absolute path of a program that is not missing. */
  path(program: string): string;
}

export interface ToolboxOptions {
  readonly cache?: string;
  readonly source?: PackageSource;
  readonly table?: readonly ProgramEntry[];
  /** Gets a line for each thing that takes time. */
  readonly say?: (line: string) => void;
}

/** Lines that tell a person what is missing: programs that lack for one reason together, then what can be done. */
export function describeMissing(missing: readonly Missing[]): readonly string[] {
  return [...Map.groupBy(missing, ({ why }) => why)].flatMap(([why, lacking]) => [
    `Cannot get ${lacking.map(({ program }) => program).join(", ")}: ${why}.`,
    ...new Set(lacking.map(({ remedy }) => `  ${remedy}`)),
  ]);
}

/** Where everything fetched is kept: HOLDFAST_CACHE, or holdfast-dev in the user's cache folder. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { HOLDFAST_CACHE: own, XDG_CACHE_HOME: base } = environment;
  if (own !== undefined && own !== "") return own;
  return join(base !== undefined && base.startsWith("/") ? base : join(homedir(), ".cache"), "holdfast-dev");
}

/** Makes the named programs (all of the table when none is named) callable; never throws for one that cannot be had. */
export async function ensureTools(names: readonly string[] = [], options: ToolboxOptions = {}): Promise<Tools> {
  const cache = options.cache ?? cacheFolder();
  const table = options.table ?? programs;
  const binFolder = join(cache, "bin");
  const missing: Missing[] = [];
  const wanted = names.length === 0 ? table.map(({ program }) => program) : names;
  const source = options.source ?? new AptSource(cache, options.say ?? (() => undefined));
  await mkdir(binFolder, { recursive: true });
  for (const name of wanted) {
    const entry = table.find(({ program }) => program === name);
    if (entry === undefined) {
      const remedy = `known programs: ${table.map(({ program }) => program).join(", ")}`;
      missing.push({ program: name, why: "tools/toolbox/table.ts does not name it", remedy });
      continue;
    }
    try {
      await provide(entry, cache, binFolder, { ...options, cache, source });
    } catch (error) {
      if (!(error instanceof DebianError)) throw error;
      missing.push({ program: name, why: error.message, remedy: remedyFor(entry) });
    }
  }
  const path = (program: string): string => {
    if (missing.some((lacking) => lacking.program === program)) throw new DebianError(`${program} is missing`);
    return join(binFolder, program);
  };
  return { binFolder, missing, path };
}

/**
 * Unpacks packages and what they depend on into one folder and returns it. `only` restricts it to the packages
 * whose name begins so: `ensurePackages("trixie", ["linux-image-amd64"], { only: "linux-image-" })`.
 */
export async function ensurePackages(
  suite: Suite,
  names: readonly string[],
  options: ToolboxOptions & { readonly only?: string } = {},
): Promise<string> {
  const cache = options.cache ?? cacheFolder();
  const say = options.say ?? (() => undefined);
  const key = names.toSorted().join("+") + (options.only === undefined ? "" : `~${options.only}`);
  const tree = join(cache, "trees", suite, key);
  if (existsSync(tree)) return tree;
  using _lock = await lockCache(cache, () => say("waiting for another toolbox to finish"));
  if (existsSync(tree)) return tree;
  const source = options.source ?? new AptSource(cache, say);
  await unpackTree(await source.fetch(suite, names, options.only), tree);
  return tree;
}

async function provide(entry: ProgramEntry, cache: string, binFolder: string, options: ToolboxOptions): Promise<void> {
  const target = join(binFolder, entry.program);
  if (entry.hostAtLeast !== undefined) {
    const found = await hostProgram(entry.program, entry.hostAtLeast, pathWithout(binFolder));
    if (found !== undefined) return writeScript(target, `#!/bin/sh\nexec '${found}' "$@"\n`);
  }
  const tree = await ensurePackages(entry.suite, entry.package.split(" "), options);
  const kind = programKind(await firstBytes(join(tree, entry.path)));
  if (kind === undefined) throw new DebianError(`${entry.path} of ${entry.package} is not a program we can start`);
  const python = kind.kind === "python" ? programKind(await firstBytes(join(tree, "usr/bin/python3"))) : undefined;
  const triplet = `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`;
  const base = {
    program: entry.program,
    tree,
    path: entry.path,
    kind,
    triplet,
    ...(python?.kind === "dynamic" ? { pythonLoader: python.loader } : {}),
  };
  if (entry.helpers === undefined) return writeScript(target, wrapperText(base));
  // systemd calls systemd-pull by its absolute path: there it has to meet our wrapper of it.
  const folder = join(cache, "helpers", entry.program);
  await mkdir(folder, { recursive: true });
  const helper = join(entry.path, "..", "systemd-pull");
  await writeScript(join(folder, "systemd-pull"), wrapperText({ ...base, program: "systemd-pull", path: helper }));
  await writeScript(target, wrapperText({ ...base, helpers: { folder, seenAt: entry.helpers } }));
}

function remedyFor({ hostAtLeast, package: names, suite }: ProgramEntry): string {
  const mirror = `run this where apt reaches a Debian mirror that has ${suite}`;
  if (hostAtLeast === undefined) return mirror;
  return `install the Debian package ${names.split(" ")[0]} (${hostAtLeast} or newer), or ${mirror}`;
}

function pathWithout(folder: string): string {
  const parts = (process.env["PATH"] ?? "").split(":");
  return parts.filter((part) => part !== folder).join(":");
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) throw new DebianError(`the package has no ${path}`);
  await using opened = file;
  const { buffer, bytesRead } = await opened.read(Buffer.alloc(4096), 0, 4096, 0);
  return buffer.subarray(0, bytesRead);
}

/** Replaces a script as one step, and only when it changes: another process may be starting it. */
async function writeScript(path: string, text: string): Promise<void> {
  if ((await readFile(path, "utf8").catch(() => "")) === text) return;
  const staging = `${path}.${process.pid}`;
  await writeFile(staging, text, { mode: 0o755 });
  await rename(staging, path);
}
