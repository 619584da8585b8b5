// A repository made by `holdfast repo`, behind a server that misbehaves as told: with an index, chunks and deltas.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { FaultServer } from "../../tools/lab/fault-server.ts";
import type { LabRelease } from "../../tools/lab/release.ts";
import { type Ended, holdfast } from "./run.ts";
import type { Scene, World } from "./world.ts";

export class Published implements AsyncDisposable {
  readonly folder: string;
  readonly server: FaultServer;

  private constructor(folder: string, server: FaultServer) {
    this.folder = folder;
    this.server = server;
  }

  static async create(world: World, name: string, ...releases: readonly LabRelease[]): Promise<Published> {
    const folder = join(world.folder, `published-${name}`);
    await mkdir(folder);
    const key = join(world.folder, `key-${name}`);
    await world.key.save(key);
    const published = new Published(folder, await FaultServer.start(folder));
    await published.repo("init", `--key=${key}`, "--chunk-size=16K", "--deltas=1");
    for (const release of releases) await published.publish(release);
    return published;
  }

  /** Runs `holdfast repo COMMAND` on it. */
  async repo(command: string, ...args: readonly string[]): Promise<Ended> {
    const ended = await holdfast(["repo", command, this.folder, ...args]);
    assert.equal(ended.code, 0, `holdfast repo ${command} ${args.join(" ")}\n${ended.stdout}${ended.stderr}`);
    return ended;
  }

  async publish({ version, files }: LabRelease): Promise<void> {
    await this.repo("add", `--version=${version}`, "--without-initrd-parts", ...files.map(({ path }) => path));
    await this.repo("commit");
  }

  /** A machine that updates from it. */
  scene(world: World, installed: readonly LabRelease[]): Promise<Scene> {
    return world.scene({ source: this.server.url, installed });
  }

  /** Bytes that were sent of paths that begin like this. */
  sent(prefix: string): number {
    return this.server.log.reduce((sum, { path, bytes }) => sum + (path.startsWith(prefix) ? bytes : 0), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}
