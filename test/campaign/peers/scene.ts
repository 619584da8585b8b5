// What each updater of the comparison is given: the same releases from a server of its own, and machines made alike, with
// two versions installed, room for two, and a third on offer.
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { auditTree, type TreeAudit } from "../../../tools/lab/audit-tree.ts";
import { FaultServer } from "../../../tools/lab/fault-server.ts";
import { type LabMachine, machineAt, makeMachine } from "../../../tools/lab/machine-tree.ts";
import type { LabRelease } from "../../../tools/lab/release.ts";
import { Repository } from "../../../tools/lab/repository.ts";
import { createSigningKey } from "../../../tools/lab/signing.ts";
import { makeSmallRelease } from "../../../tools/lab/small-release.ts";

/** `os_3.caibx`, or as KDE Linux had it in March 2026: `os_3.erofs.caibx`, whose name begins like the image's. */
export type IndexName = "apart" | "prefixed";

export interface SceneOptions {
  readonly folder: string;
  readonly index: IndexName;
  readonly imageBytes?: number;
  readonly bytesPerSecond?: number;
}

export const newest = "3";
/** The newest installed version, which runs. */
const running = "2";

export class PeerScene implements AsyncDisposable {
  readonly server: FaultServer;
  readonly releases: readonly LabRelease[];
  /** The machine of the present trial. */
  readonly machine: LabMachine;
  readonly folder: string;
  readonly #start: string;

  private constructor(folder: string, server: FaultServer, releases: readonly LabRelease[]) {
    this.folder = folder;
    this.server = server;
    this.releases = releases;
    this.#start = join(folder, "start");
    this.machine = machineAt(join(folder, "machine"));
  }

  static async create({ folder, index, imageBytes = 6 << 20, bytesPerSecond }: SceneOptions): Promise<PeerScene> {
    await mkdir(folder, { recursive: true });
    const key = await createSigningKey();
    const made = ["1", running, newest].map(async (version) => {
      const options = { version, index: true, imageBytes, kernelBytes: 1 << 20 };
      const release = await makeSmallRelease(join(folder, `release-${version}`), options);
      return index === "apart" ? { ...release, files: release.files.map(renamed) } : release;
    });
    const releases = await Promise.all(made);
    const repository = await Repository.create(join(folder, "repository"), { key });
    await repository.publish(...releases);
    const server = await FaultServer.start(repository.folder, bytesPerSecond === undefined ? {} : { bytesPerSecond });
    const scene = new PeerScene(folder, server, releases);
    const options = { source: server.url, keyring: key.publicKeyring, installed: releases.slice(0, 2), index: true };
    const { definitions } = await makeMachine(scene.#start, options);
    for (const name of await readdir(definitions)) {
      const text = await readFile(join(definitions, name), "utf8");
      const changed = index === "apart" ? text.replaceAll(".erofs.caibx", ".caibx") : text;
      // As distributions do it: the version that runs is not for vacuuming.
      await writeFile(join(definitions, name), `[Transfer]\nProtectVersion=%A\n\n${changed}`);
    }
    return scene;
  }

  /** The release that an update brings in. */
  get offered(): LabRelease {
    const found = this.releases.find(({ version }) => version === newest);
    if (found === undefined) throw new Error(`version ${newest} was not made`);
    return found;
  }

  /** A machine as at the beginning. */
  async reset(): Promise<LabMachine> {
    await rm(this.machine.root, { recursive: true, force: true, maxRetries: 5 });
    await promisify(execFile)("cp", ["-a", this.#start, this.machine.root]);
    return this.machine;
  }

  async audit(): Promise<TreeAudit> {
    return auditTree(this.machine, this.releases);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function renamed(file: LabRelease["files"][number]): LabRelease["files"][number] {
  return { ...file, name: file.name.replace(".erofs.caibx", ".caibx") };
}
