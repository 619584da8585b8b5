// A machine's tree and a signed repository in a temporary folder, and Holdfast on it: in this process, or as a child.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { createCipheriv, createHash } from "node:crypto";
import { lstat, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { realMachine } from "../../src/adapter/machine.ts";
import type { Session, Settings } from "../../src/agent/session.ts";
import { updateMachine, type UpdateOptions } from "../../src/agent/command/update.ts";
import type { Machine } from "../../src/port/machine.ts";
import type { ProgressEvent } from "../../src/port/progress.ts";
import type { UpdateReport } from "../../src/wire/reports.ts";
import { createSigningKey, type SigningKey } from "../../tools/lab/signing.ts";

const launcher = join(import.meta.dirname, "../../bin/holdfast");
const keyMade = createSigningKey();

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Content = string | Uint8Array;

/** Bytes that do not repeat and do not compress; the same for the same name. */
export function noise(name: string, size: number): Buffer {
  const key = createHash("sha256").update(name).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

export function sha256(bytes: Content): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export class World implements AsyncDisposable {
  /** The machine's `/`, as a path of the host. */
  readonly root: string;
  /** Environment of the machine on top of a bare one: SYSTEMD_ESP_PATH and the like. */
  readonly env: Record<string, string> = {};
  readonly events: ProgressEvent[] = [];
  readonly #base: string;
  readonly #key: SigningKey;
  readonly #listed = new Map<string, string>();
  readonly #machines: (Machine & AsyncDisposable)[] = [];
  readonly #cleanUps: (() => Promise<unknown>)[] = [];

  private constructor(base: string, key: SigningKey) {
    this.#base = base;
    this.root = join(base, "machine");
    this.#key = key;
  }

  static async make(): Promise<World> {
    const base = await realpath(await mkdtemp(join(tmpdir(), "holdfast-targets-")));
    const world = new World(base, await keyMade);
    await world.write("/etc/systemd/import-pubring.pgp", world.#key.publicKeyring);
    await world.write("/etc/machine-id", "6f2c9a3b7d4e41c0a5b8e1f0d2c3b4a5\n");
    await world.write("/usr/lib/os-release", "ID=os\n");
    await mkdir(join(world.root, "efi/EFI/Linux"), { recursive: true });
    await mkdir(world.repository, { recursive: true });
    return world;
  }

  /** Where the repository lies on the host. It is inside the machine, so that `file://` URLs lead there as well. */
  get repository(): string {
    return join(this.root, "srv/repo");
  }

  /** `Path=` for sources of the types url-file and url-tar. */
  readonly url = "file:///srv/repo";

  /** A folder of this test's own outside the machine. */
  get outside(): string {
    return this.#base;
  }

  /** Called when the world ends, the last one first. */
  cleanUp(task: () => Promise<unknown>): void {
    this.#cleanUps.push(task);
  }

  host(path: string): string {
    return join(this.root, path);
  }

  async write(path: string, content: Content): Promise<void> {
    await mkdir(dirname(this.host(path)), { recursive: true });
    await writeFile(this.host(path), content);
  }

  /** Writes a definition into /etc/sysupdate.d. */
  define(file: string, text: string): Promise<void> {
    return this.write(`/etc/sysupdate.d/${file}`, text);
  }

  async undefine(file: string): Promise<void> {
    await rm(this.host(`/etc/sysupdate.d/${file}`));
  }

  /** Adds files to the repository and signs its manifest anew. */
  async publish(files: Readonly<Record<string, Content>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(this.repository, name)), { recursive: true });
      await writeFile(join(this.repository, name), content);
      this.#listed.set(name, sha256(content));
    }
    await this.#sign();
  }

  async withdraw(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      this.#listed.delete(name);
      await rm(join(this.repository, name), { force: true });
    }
    await this.#sign();
  }

  async #sign(): Promise<void> {
    const text = Buffer.from([...this.#listed].map(([name, digest]) => `${digest} *${name}\n`).join(""));
    await writeFile(join(this.repository, "SHA256SUMS"), text);
    await writeFile(join(this.repository, "SHA256SUMS.gpg"), await this.#key.sign(text));
  }

  /** Says which version runs, as an image says it of itself. */
  running(version: string): Promise<void> {
    return this.write("/usr/lib/os-release", `ID=os\nIMAGE_ID=os\nIMAGE_VERSION=${version}\nVERSION_ID=7\n`);
  }

  read(path: string): Promise<Buffer> {
    return readFile(this.host(path));
  }

  /** Everything below a folder, hidden names too, `/` behind folders; empty when it is not there. */
  async list(path: string): Promise<readonly string[]> {
    const found: string[] = [];
    const visit = async (below: string): Promise<void> => {
      const items = await readdir(join(this.host(path), below), { withFileTypes: true }).catch(() => []);
      for (const item of items) {
        const name = `${below}${item.name}${item.isDirectory() ? "/" : ""}`;
        found.push(name);
        if (item.isDirectory()) await visit(name);
      }
    };
    await visit("");
    return found.toSorted();
  }

  async mode(path: string): Promise<number> {
    return (await lstat(this.host(path))).mode & 0o7777;
  }

  /** One call of Holdfast in this process. */
  session(settings: Partial<Settings> = {}, signal: AbortSignal = new AbortController().signal): Session {
    const progress = { report: (event: ProgressEvent): void => void this.events.push(event) };
    const env = { PATH: process.env["PATH"], ...this.env };
    const machine = realMachine({ root: this.root, progress, env });
    this.#machines.push(machine);
    return { machine, settings: { live: false, ...settings }, signal };
  }

  update(options: UpdateOptions = {}, settings: Partial<Settings> = {}): Promise<UpdateReport> {
    return updateMachine(this.session(settings), options);
  }

  #childEnvironment(): NodeJS.ProcessEnv {
    return { PATH: process.env["PATH"], HOME: this.#base, LC_ALL: "C.UTF-8", ...this.env };
  }

  /** Starts `holdfast ARGS --root TREE`. */
  start(...args: readonly string[]): ChildProcess {
    return spawn(launcher, [...args, `--root=${this.root}`], { env: this.#childEnvironment(), stdio: "ignore" });
  }

  run(...args: readonly string[]): Promise<Ran> {
    return new Promise((resolve) => {
      const options = { env: this.#childEnvironment(), maxBuffer: 1 << 24 };
      execFile(launcher, [...args, `--root=${this.root}`], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ code, stdout, stderr });
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const machine of this.#machines) await machine[Symbol.asyncDispose]();
    for (const task of this.#cleanUps.toReversed()) await task();
    await rm(this.#base, { recursive: true, force: true });
  }
}

/** A transfer file. Lines of `[Transfer]` are left out when there are none. */
export function transfer(
  source: Readonly<Record<string, string>>,
  target: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>> = {},
): string {
  const section = (name: string, keys: Readonly<Record<string, string>>): string =>
    Object.keys(keys).length === 0
      ? ""
      : `[${name}]\n${Object.entries(keys)
          .map(([key, value]) => `${key}=${value}\n`)
          .join("")}\n`;
  return section("Transfer", own) + section("Source", source) + section("Target", target);
}

/** Waits for what another process does; fails after `milliseconds`. */
export async function until(happened: () => Promise<boolean>, milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!(await happened())) {
    if (performance.now() > end) throw new Error(`It did not happen within ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
