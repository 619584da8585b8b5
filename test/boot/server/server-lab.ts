// A machine of the server profile as its owner would have it: installed by `holdfast image install`, updated over HTTP from a
// signed repository, started under firmware. Nothing of the tests is in its images: what it is to do comes with each boot, as
// a unit in a credential of the firmware's tables (systemd.system-credentials(7)).
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { copyFile, link, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { InstallLayout } from "../../../src/image/install-release.ts";
import { type Boot, type BootOptions, Machine, type MachineOptions } from "../../../tools/lab/machine/machine.ts";
import type { MachineParts } from "../../../tools/lab/machine/parts.ts";
import { sha256OfFile } from "../../../tools/lab/release.ts";
import { createSigningKey, type SigningKey } from "../../../tools/lab/signing.ts";
import { holdfast } from "../../e2e/run.ts";
import { type BootRelease, rolesOf } from "../releases.ts";

/** An emulated machine that shares its processors with others takes its time: nothing here is to fail for that. */
const patience: readonly string[] = [
  "systemd.default_device_timeout_sec=600",
  "systemd.default_timeout_start_sec=900",
  "systemd.watchdog_sec=900",
  "systemd.mask=serial-getty@ttyS0.service",
];
const secondsMax = 1200;

export interface ServerOptions {
  readonly layout?: InstallLayout;
  /** Further arguments of `holdfast image install`. */
  readonly install?: readonly string[];
  readonly machine?: Partial<Omit<MachineOptions, "parts" | "folder" | "disk">>;
}

export interface ServerBoot extends Boot {
  /** What the machine said through `say`, by its first word. */
  readonly said: ReadonlyMap<string, string>;
}

export interface Task {
  /** A script for bash, run once the boot was judged. `say WORD TEXT…` tells the test; `go reboot` or `go poweroff` ends it. */
  readonly script?: string;
  /** One that runs early, before anything is judged. */
  readonly early?: string;
  /** One that runs when the login prompt is shown, whatever is being judged meanwhile. */
  readonly login?: string;
}

const prelude = `export SYSTEMD_PAGER= TERM=dumb HOME=/root
exec > >(cat >/dev/ttyS0) 2>&1
. /usr/lib/os-release
version=$IMAGE_VERSION
say() { echo "said: $*"; }
json() { say "$1" "$("\${@:2}" --json | tr -d '\\n')"; }
entries() { say "$1" "$(ls /boot/EFI/Linux | tr '\\n' ' ')"; }
go() { sync; sleep 1; systemctl --no-block "$1"; sleep infinity; }
online() { for each in $(seq 600); do ip route | grep -q default && return; sleep 0.5; done; }
`;

/** Ordered by the verdict, for nothing may be judged while the test is at work. */
const judged =
  "After=multi-user.target boot-complete.target holdfast-boot.service holdfast-blessed.service systemd-bless-boot.service";
const before = "DefaultDependencies=no\nAfter=local-fs.target\nBefore=holdfast-boot.service";
const atLogin = "After=getty.target";

function unit(order: string, script: string): string {
  const encoded = Buffer.from(prelude + script).toString("base64");
  const start = `ExecStart=/bin/bash -c "echo ${encoded} | base64 -d | bash"`;
  return `[Unit]\nDescription=What the test asks for\n${order}\n[Service]\nType=oneshot\nTimeoutStartSec=infinity\n${start}\n`;
}

function credential(name: string, text: string): string {
  return `io.systemd.credential.binary:systemd.extra-unit.${name}=${Buffer.from(text).toString("base64")}`;
}

async function send(path: string, response: ServerResponse): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return void response.writeHead(404).end();
  response.writeHead(200, { "content-length": found.size });
  createReadStream(path).pipe(response);
}

export class ServerLab implements AsyncDisposable {
  readonly folder: string;
  readonly #key: SigningKey;
  readonly #server: Server;
  readonly #listed = new Map<string, string>();
  #machine: Machine | undefined;

  private constructor(folder: string, key: SigningKey, server: Server) {
    this.folder = folder;
    this.#key = key;
    this.#server = server;
  }

  static async create(): Promise<ServerLab> {
    const folder = await mkdtemp(join(tmpdir(), "holdfast-server-"));
    await mkdir(join(folder, "repository"));
    const server = createServer((request, response) => {
      void send(join(folder, "repository", basename(request.url ?? "")), response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const lab = new ServerLab(folder, await createSigningKey(), server);
    await writeFile(lab.at("key.pgp"), lab.#key.publicKeyring);
    return lab;
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  get machine(): Machine {
    assert.ok(this.#machine !== undefined, "no machine was installed");
    return this.#machine;
  }

  get boots(): readonly Boot[] {
    return this.#machine?.boots ?? [];
  }

  /** What all boots printed, for a failure's message. */
  get consoles(): string {
    return this.#machine?.consoles ?? "";
  }

  get disk(): string {
    return this.at("disk.img");
  }

  /** Adds a release to the repository, signed anew. */
  async publish(release: BootRelease, layout: InstallLayout = "kde"): Promise<void> {
    for (const role of rolesOf[layout]) {
      const path = release.path(layout, role);
      const place = join(this.folder, "repository", basename(path));
      await link(path, place).catch(() => copyFile(path, place));
      this.#listed.set(basename(path), await sha256OfFile(path));
    }
    const text = [...this.#listed].map(([name, sha256]) => `${sha256} *${name}\n`).join("");
    await writeFile(join(this.folder, "repository/SHA256SUMS"), text);
    await writeFile(join(this.folder, "repository/SHA256SUMS.gpg"), await this.#key.sign(Buffer.from(text)));
  }

  /** Puts what is published onto a new disk, and the disk into a machine. */
  async install(parts: MachineParts, options: ServerOptions = {}): Promise<void> {
    const { port } = this.#server.address() as AddressInfo;
    const { layout = "kde", install = [], machine = {} } = options;
    const repository = join(this.folder, "repository");
    const places = [`--release=${repository}`, `--keyring=${this.at("key.pgp")}`, `--scratch=${this.folder}`];
    const more = [`--source=http://10.0.2.2:${port}`, `--layout=${layout}`, "--size=1500M", ...install];
    const done = await holdfast(["image", "install", this.disk, ...places, ...more]);
    assert.equal(done.code, 0, done.stderr);
    const own = { parts, folder: this.at("machine"), disk: this.disk, network: true };
    this.#machine = await Machine.create({ ...own, ...machine });
    // Nobody is there to choose from the menu.
    await this.machine.esp.write("loader/loader.conf", "timeout 0\n");
  }

  /** Switches the machine on, and has it do this. */
  async boot(task: Task, options: BootOptions = {}): Promise<ServerBoot> {
    const { words = [], strings = [] } = options;
    const units: [name: string, text: string][] = [];
    if (task.script !== undefined) units.push(["test-late.service", unit(judged, task.script)]);
    if (task.early !== undefined) units.push(["test-early.service", unit(before, task.early)]);
    if (task.login !== undefined) units.push(["test-login.service", unit(atLogin, task.login)]);
    const boot = await this.machine.boot({
      secondsMax,
      ...options,
      words: [...patience, ...units.map(([name]) => `systemd.wants=${name}`), ...words],
      strings: [...units.map(([name, text]) => credential(name, text)), ...strings],
    });
    const said = new Map<string, string>();
    for (const [, word = "", text = ""] of boot.console.matchAll(/said: (\S+) ?(.*)$/gm)) said.set(word, text);
    return { ...boot, said };
  }

  /** The names of the boot entries, as the ESP has them while the machine is off. */
  async entries(): Promise<readonly string[]> {
    return this.machine.esp.names("EFI/Linux");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.folder, { recursive: true, force: true });
  }
}
