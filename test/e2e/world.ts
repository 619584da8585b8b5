// What the end-to-end tests share: releases, a signed repository on a server that misbehaves as told, and a machine's
// tree that bin/holdfast works on as a child process. The judge of the tree is the lab's own, not Holdfast's.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auditTree, type TreeAudit } from "../../tools/lab/audit-tree.ts";
import { FaultServer, type FaultServerOptions } from "../../tools/lab/fault-server.ts";
import { type LabMachine, type MachineOptions, makeMachine } from "../../tools/lab/machine-tree.ts";
import type { LabRelease } from "../../tools/lab/release.ts";
import { Repository, type RepositoryOptions } from "../../tools/lab/repository.ts";
import { createSigningKey, type SigningKey } from "../../tools/lab/signing.ts";
import { makeSmallRelease, type SmallReleaseOptions } from "../../tools/lab/small-release.ts";
import { type Ended, holdfast, type RunOptions, type Running, startHoldfast } from "./run.ts";

export interface SceneOptions extends Omit<MachineOptions, "source" | "keyring"> {
  /** Published before the scene begins. */
  readonly offered?: readonly LabRelease[];
  readonly server?: FaultServerOptions;
  readonly repository?: RepositoryOptions;
  /** `Path=` of every source instead of the scene's own server. */
  readonly source?: string;
  /** Bytes of the keyring; `null`: none. */
  readonly keyring?: Uint8Array | null;
  /** Runs before the machine is made: mount something below the root, for example. */
  readonly prepare?: (root: string) => Promise<void>;
}

/** One key and one set of releases for all tests of a file; the temporary folder goes when it is disposed of. */
export class World implements AsyncDisposable {
  readonly folder: string;
  readonly key: SigningKey;
  readonly #releases = new Map<string, Promise<LabRelease>>();
  #scenes = 0;

  private constructor(folder: string, key: SigningKey) {
    this.folder = folder;
    this.key = key;
  }

  static async create(): Promise<World> {
    return new World(await mkdtemp(join(tmpdir(), "holdfast-e2e-")), await createSigningKey());
  }

  /** The same options give the same release, made once. */
  async release(version: string, options: Omit<SmallReleaseOptions, "version"> = {}): Promise<LabRelease> {
    const key = JSON.stringify([version, options]);
    const folder = join(this.folder, `release-${this.#releases.size}`);
    const made = this.#releases.get(key) ?? makeSmallRelease(folder, { version, ...options });
    this.#releases.set(key, made);
    return made;
  }

  /** Releases of these versions under the same options. */
  async releases<const Versions extends readonly string[]>(
    versions: Versions,
    options: Omit<SmallReleaseOptions, "version"> = {},
  ): Promise<{ readonly [Key in keyof Versions]: LabRelease }> {
    const made = await Promise.all(versions.map((version) => this.release(version, options)));
    return made as unknown as { readonly [Key in keyof Versions]: LabRelease };
  }

  /** A machine, and a repository behind a server of its own. */
  async scene(options: SceneOptions = {}): Promise<Scene> {
    const folder = join(this.folder, `scene-${++this.#scenes}`);
    const repository = await Repository.create(join(folder, "repository"), { key: this.key, ...options.repository });
    if (options.offered !== undefined) await repository.publish(...options.offered);
    const server = await FaultServer.start(repository.folder, options.server);
    const root = join(folder, "root");
    await mkdir(root, { recursive: true });
    await options.prepare?.(root);
    const { keyring = this.key.publicKeyring, source = server.url, ...rest } = options;
    const machine = await makeMachine(root, { ...rest, source, ...(keyring === null ? {} : { keyring }) });
    return new Scene({ folder, repository, server, machine, installed: options.installed ?? [] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

interface SceneParts {
  readonly folder: string;
  readonly repository: Repository;
  readonly server: FaultServer;
  readonly machine: LabMachine;
  readonly installed: readonly LabRelease[];
}

export class Scene implements AsyncDisposable {
  readonly folder: string;
  readonly repository: Repository;
  readonly server: FaultServer;
  readonly machine: LabMachine;
  readonly #known: LabRelease[];

  constructor(parts: SceneParts) {
    this.folder = parts.folder;
    this.repository = parts.repository;
    this.server = parts.server;
    this.machine = parts.machine;
    this.#known = [...parts.installed];
  }

  /** Runs bin/holdfast on the tree to its end. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return holdfast([...args, "--root", this.machine.root], options);
  }

  /** Runs it and demands this exit code; what it printed is in the failure. */
  async expect(code: number, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const ended = await this.run(args, options);
    assert.equal(ended.code, code, `holdfast ${args.join(" ")}\n${ended.stdout}${ended.stderr}`);
    return ended;
  }

  start(args: readonly string[], options: RunOptions = {}): Running {
    return startHoldfast([...args, "--root", this.machine.root], options);
  }

  /** Points every definition at another source. */
  async pointAt(source: string): Promise<void> {
    for (const name of await readdir(this.machine.definitions)) {
      const path = join(this.machine.definitions, name);
      const text = await readFile(path, "utf8");
      await writeFile(path, text.replaceAll(/^Path=(?:https?:.*|\/.*repository.*)$/gm, `Path=${source}`));
    }
  }

  /** Files of unfinished downloads below the tree, as paths of the host. */
  async staged(): Promise<readonly string[]> {
    const names = await readdir(this.machine.system);
    return names.filter((name) => name.startsWith(".holdfast-")).map((name) => join(this.machine.system, name));
  }

  /** What the lab's judge says; `releases` is everything that was ever published. */
  async audit(...releases: readonly LabRelease[]): Promise<TreeAudit> {
    return auditTree(this.machine, [...this.#known, ...releases]);
  }

  /** No entry is broken, and exactly these versions could boot. */
  async assertBootable(versions: readonly string[], ...releases: readonly LabRelease[]): Promise<void> {
    const { broken, bootable } = await this.audit(...releases);
    assert.deepEqual({ broken, bootable: bootable.toSorted() }, { broken: [], bootable: versions.toSorted() });
  }

  /** The next plain update finishes, and nothing is left over. */
  async assertHeals(versions: readonly string[], ...releases: readonly LabRelease[]): Promise<Ended> {
    const ended = await this.expect(0, ["update"]);
    await this.assertBootable(versions, ...releases);
    assert.deepEqual((await this.audit(...releases)).leftovers, []);
    return ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}
