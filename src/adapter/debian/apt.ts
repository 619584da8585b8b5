// Debian packages by name, through the host's own apt with a private state: nothing of the host is read but its
// mirror, proxy and keyrings, and nothing of it is changed. No root is needed.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The name of a Debian release, as in `trixie`, or several that are taken together: `trixie+trixie-security`. */
export type Suite = string;

/** Where packages come from; a test puts its own in place of apt. */
export interface PackageSource {
  /**
   * The .deb files of the named packages and of all they depend on, downloaded. With `only`, just the files whose
   * package name begins so.
   */
  fetch(suite: Suite, packages: readonly string[], only?: string): Promise<readonly string[]>;
}

/** A program or package cannot be had; the message says why, without a subject in front. */
export class DebianError extends Error {}

export interface Listed {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly sizeBytes: number;
}

/** Reads what `apt-get --print-uris` prints: `'URI' FILE SIZE HASH`, one package a line. */
export function parseUris(text: string): readonly Listed[] {
  return [...text.matchAll(/^'[^']*' (([^_\s]+)_([^_\s]+)_[^_\s]+\.deb) (\d+)/gm)].map((match) => ({
    file: match[1] ?? "",
    name: match[2] ?? "",
    version: decodeURIComponent(match[3] ?? ""),
    sizeBytes: Number(match[4]),
  }));
}

/** Takes the mirror of Debian itself (not of its security updates) from `URI RELEASE` lines of `apt-get indextargets`. */
export function mirrorOf(indexTargets: string): string | undefined {
  const lines = indexTargets.split("\n").map((line) => line.trim().split(" "));
  const plain = lines.filter(([, release]) => release !== undefined && /^[a-z]+$/.test(release));
  return plain.find(([uri]) => uri?.replace(/\/$/, "").endsWith("/debian"))?.[0] ?? plain[0]?.[0];
}

/** Takes the mirror of Debian's security updates from the same lines. */
export function securityMirrorOf(indexTargets: string): string | undefined {
  const lines = indexTargets.split("\n").map((line) => line.trim().split(" "));
  return lines.find(([, release]) => release?.endsWith("-security") === true)?.[0];
}

/** Their Release files carry no date of expiry. */
const stable: ReadonlySet<Suite> = new Set(["bookworm", "trixie"]);

/** The private configuration for a suite, and its source lines: one for each that it is put together from. */
export function aptConfiguration(
  folder: string,
  suite: Suite,
  mirror: string,
  keyring: string | undefined,
  securityMirror: string = `${mirror.replace(/\/$/, "")}-security`,
): { readonly source: string; readonly configuration: string } {
  const line = (name: Suite): string => {
    // A mirror that stands still keeps a Release file whose date has passed; its signature still holds.
    const dated = stable.has(name) ? [] : ["check-valid-until=no"];
    const options = [...(keyring === undefined ? [] : [`signed-by=${keyring}`]), ...dated];
    const from = name.endsWith("-security") ? securityMirror : mirror;
    return `deb ${options.length === 0 ? "" : `[${options.join(" ")}] `}${from} ${name} main\n`;
  };
  const source = suite.split("+").map(line).join("");
  const paths = {
    "Dir::State": "state",
    "Dir::State::status": "status",
    "Dir::Cache": "cache",
    "Dir::Cache::pkgcache": "pkgcache.bin",
    "Dir::Cache::srcpkgcache": "srcpkgcache.bin",
    "Dir::Etc::sourcelist": "sources.list",
    "Dir::Etc::sourceparts": "none",
    "Dir::Etc::preferences": "none",
    "Dir::Etc::preferencesparts": "none",
  };
  const relative = new Set(["Dir::Cache::pkgcache", "Dir::Cache::srcpkgcache"]);
  const lines = Object.entries(paths).map(
    ([key, value]) => `${key} ${JSON.stringify(relative.has(key) ? value : join(folder, value))};`,
  );
  // Hooks of the host's configuration act on the host.
  for (const hook of ["APT::Update::Pre-Invoke", "APT::Update::Post-Invoke", "APT::Update::Post-Invoke-Success"])
    lines.push(`#clear ${hook};`);
  lines.push('APT::Sandbox::User "root";', 'APT::Install-Recommends "false";', 'Acquire::Languages "none";');
  lines.push('Acquire::Retries "3";');
  return { source, configuration: `${lines.join("\n")}\n` };
}

/** Downloads with apt into `cache`; `say` gets a line for each download. */
export class AptSource implements PackageSource {
  readonly #cache: string;
  readonly #say: (line: string) => void;
  /** Where downloads of all suites go, if not apart. */
  readonly #archives: string | undefined;
  /** Suites whose lists could not be read: asking again for the next program would only take time. */
  readonly #unreachable: Map<Suite, DebianError> = new Map();

  constructor(cache: string, say: (line: string) => void, archives?: string) {
    this.#cache = cache;
    this.#say = say;
    this.#archives = archives;
  }

  async fetch(suite: Suite, packages: readonly string[], only = ""): Promise<readonly string[]> {
    const folder = join(this.#cache, "apt", suite);
    if (!existsSync(join(folder, "listed"))) await this.#list(suite, folder);
    try {
      return await this.#download(suite, folder, packages, only);
    } catch (error) {
      // The mirror has moved on since the lists were read: once more with new ones.
      if (await isFresh(join(folder, "listed"))) throw error;
      await this.#list(suite, folder);
      return this.#download(suite, folder, packages, only);
    }
  }

  async #list(suite: Suite, folder: string): Promise<void> {
    const known = this.#unreachable.get(suite);
    if (known !== undefined) throw known;
    try {
      await this.#update(suite, folder);
    } catch (error) {
      if (error instanceof DebianError) this.#unreachable.set(suite, error);
      throw error;
    }
  }

  async #update(suite: Suite, folder: string): Promise<void> {
    this.#say(`reading the package list of Debian ${suite} (about 10 MB)`);
    for (const path of ["state/lists/partial", "cache/archives/partial", "none", "archives"])
      await mkdir(join(folder, path), { recursive: true });
    const targets = await apt(["indextargets", "--format", "$(REPO_URI) $(RELEASE)"]);
    const mirror = process.env["HOLDFAST_DEBIAN_MIRROR"] ?? mirrorOf(targets);
    if (mirror === undefined)
      throw new DebianError("apt on this machine names no mirror; set HOLDFAST_DEBIAN_MIRROR to a Debian mirror");
    const keyring = ["gpg", "pgp"].map((end) => `/usr/share/keyrings/debian-archive-keyring.${end}`).find(existsSync);
    const { source, configuration } = aptConfiguration(folder, suite, mirror, keyring, securityMirrorOf(targets));
    await writeFile(join(folder, "sources.list"), source);
    await writeFile(join(folder, "apt.conf"), configuration);
    await writeFile(join(folder, "status"), "");
    await apt(["-c", join(folder, "apt.conf"), "-q", "--error-on=any", "update"]);
    await writeFile(join(folder, "listed"), "");
  }

  async #download(suite: Suite, folder: string, packages: readonly string[], only: string): Promise<readonly string[]> {
    const configuration = ["-c", join(folder, "apt.conf"), "-q", "-y"];
    const uris = await apt([...configuration, "--print-uris", "install", ...packages]);
    const wanted = parseUris(uris).filter((listed) => listed.name.startsWith(only));
    if (wanted.length === 0) throw new DebianError(`apt names no package for ${packages.join(" ")}`);
    const archives = this.#archives ?? join(folder, "archives");
    await mkdir(archives, { recursive: true });
    const absent = await keep(
      wanted,
      async ({ file, sizeBytes }) => (await sizeOf(join(archives, file))) !== sizeBytes,
    );
    if (absent.length > 0) {
      const megabytes = absent.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6;
      this.#say(
        `downloading ${absent.length} packages of ${suite} for ${packages.join(" ")}: ${megabytes.toFixed(1)} MB`,
      );
      const names = absent.map(({ name, version }) => `${name}=${version}`);
      await apt([...configuration, "download", ...names], archives);
    }
    return wanted.map(({ file }) => join(archives, file));
  }
}

const freshMs = 600_000;

async function isFresh(path: string): Promise<boolean> {
  const written = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
  return Math.abs(Date.now() - written) < freshMs;
}

async function keep<T>(items: readonly T[], wanted: (item: T) => Promise<boolean>): Promise<readonly T[]> {
  const verdicts = await Promise.all(items.map(wanted));
  return items.filter((_, index) => verdicts[index]);
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

/** Runs apt-get. One that outlived the toolbox that started it may still hold apt's own lock: it is waited for. */
async function apt(args: readonly string[], cwd?: string): Promise<string> {
  for (let secondsLeft = 60; ; secondsLeft--) {
    try {
      return await run("apt-get", args, cwd);
    } catch (error) {
      const isLocked = error instanceof DebianError && error.message.includes("Could not get lock");
      if (!isLocked || secondsLeft === 0) throw error;
    }
    await sleep(1000);
  }
}

/** Runs a program and resolves with what it printed; a failure is a DebianError with its last words. */
export function run(program: string, args: readonly string[], cwd?: string): Promise<string> {
  const options = { cwd, maxBuffer: 1 << 26, env: { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" } };
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      if (error.code === "ENOENT") return reject(new DebianError(`${program} is not on this machine`));
      const words = stderr.split("\n").find((line) => /^(E|dpkg-deb|tar|sh):/.test(line));
      const shown = words?.replace(/\bhttps?:\/\/\S+/g, "(mirror)").replace(/^E: /, "");
      reject(new DebianError(`${program} failed: ${shown ?? error.message.split("\n")[0]}`));
    });
  });
}
