// Publishes releases as systemd-sysupdate reads them: resources, SHA256SUMS, its signature (DESIGN, Repository; interfaces D.4).
import { createHash, randomUUID } from "node:crypto";
import { constants, copyFile, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { LabRelease } from "./release.ts";
import type { SigningKey } from "./signing.ts";

export interface RepositoryOptions {
  /** `undefined`: the manifest stays unsigned. */
  readonly key?: SigningKey;
  /** `YYYY-MM-DD`: adds the marker after which the manifest is stale. */
  readonly bestBefore?: string;
  readonly signedAtMs?: number;
  /** Name of the signature: `.asc` is armored. */
  readonly signature?: "SHA256SUMS.gpg" | "SHA256SUMS.asc";
}

const emptySha256 = createHash("sha256").digest("hex");

/** A folder that any web server can serve. Publishing again under the same options refreshes the signature. */
export class Repository {
  readonly folder: string;
  readonly #options: RepositoryOptions;
  readonly #listed = new Map<string, string>();

  private constructor(folder: string, options: RepositoryOptions) {
    this.folder = folder;
    this.#options = options;
  }

  static async create(folder: string, options: RepositoryOptions = {}): Promise<Repository> {
    await mkdir(folder, { recursive: true });
    return new Repository(folder, options);
  }

  /** What the manifest lists: name to sha256. */
  get listed(): ReadonlyMap<string, string> {
    return this.#listed;
  }

  /** Adds releases, resources first, manifest last; a release under a version that is there replaces it. */
  async publish(...releases: readonly LabRelease[]): Promise<void> {
    for (const file of releases.flatMap((release) => release.files)) {
      const temporary = join(this.folder, `.${randomUUID()}`);
      await copyFile(file.path, temporary, constants.COPYFILE_FICLONE);
      await rename(temporary, join(this.folder, file.name));
      this.#listed.set(file.name, file.sha256);
    }
    await this.writeManifest();
  }

  /** Takes a release away, manifest first. */
  async withdraw(release: LabRelease): Promise<void> {
    for (const file of release.files) this.#listed.delete(file.name);
    await this.writeManifest();
    for (const file of release.files) await rm(join(this.folder, file.name), { force: true });
  }

  /** Writes what is listed, signed; `options` override those of the repository for this once. */
  async writeManifest(options: RepositoryOptions = {}): Promise<void> {
    const { key, bestBefore, signedAtMs, signature = "SHA256SUMS.gpg" } = { ...this.#options, ...options };
    const lines = new Map(this.#listed);
    if (bestBefore !== undefined) {
      lines.set(`BEST-BEFORE-${bestBefore}`, emptySha256);
      await replaceFile(join(this.folder, `BEST-BEFORE-${bestBefore}`), Buffer.alloc(0));
    }
    const text = Buffer.from(
      [...lines]
        .map(([name, sha256]) => `${sha256} *${name}\n`)
        .sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1))
        .join(""),
    );
    await this.writeRaw(text, key, { signature, ...(signedAtMs === undefined ? {} : { signedAtMs }) });
  }

  /** Writes these bytes as the manifest, whatever they are, and signs them: for manifests that are odd on purpose. */
  async writeRaw(
    text: Uint8Array,
    key: SigningKey | undefined = this.#options.key,
    options: Pick<RepositoryOptions, "signedAtMs" | "signature"> = {},
  ): Promise<void> {
    const name = options.signature ?? "SHA256SUMS.gpg";
    const signature = await key?.sign(text, {
      armored: name.endsWith(".asc"),
      ...(options.signedAtMs === undefined ? {} : { signedAtMs: options.signedAtMs }),
    });
    await replaceFile(join(this.folder, "SHA256SUMS"), text);
    for (const other of ["SHA256SUMS.gpg", "SHA256SUMS.asc"]) {
      if (other === name && signature !== undefined) await replaceFile(join(this.folder, other), signature);
      else await rm(join(this.folder, other), { force: true });
    }
  }

  /** The manifest as it is published now. */
  async readManifest(): Promise<string> {
    return readFile(join(this.folder, "SHA256SUMS"), "utf8");
  }
}

/** A reader sees the old bytes or the new ones, never a part. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  await using file = await open(temporary, "wx");
  await file.writeFile(bytes);
  await file.sync();
  await rename(temporary, path);
}
