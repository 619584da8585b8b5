// `repo verify`: reads what clients would read, and finds what they would fail on. Changes nothing, and needs no lock: a commit
// at the same time shows an old or a new index, each whole.
import { Fault } from "../base/fault.ts";
import { ChunkStore } from "../delta/chunk/chunk-store.ts";
import { chunkAt, type ChunkIndex, indexedBytes } from "../format/chunk-index.ts";
import type {
  IndexedRelease,
  ReleaseChunks,
  ReleaseFile,
  ReleaseIndex,
  ReleaseManifest,
} from "../format/release-files.ts";
import type { RepoVerifyReport } from "../wire/repository-reports.ts";
import { chunkPath, readChunkIndex, readPackMap } from "./chunk-paths.ts";
import { digestOnMedium } from "./files.ts";
import { packProblem } from "./pack-problem.ts";
import { indexName, type Publisher, signatureName, sumsName } from "./publisher.ts";
import { pairProblem, readIndex } from "./published.ts";
import { readReleaseManifest } from "./read-manifest.ts";
import { readSettings } from "./settings.ts";
import { filesOf } from "./staging.ts";
import { Steps } from "./steps.ts";

type Finding = RepoVerifyReport["findings"][number];

const dayMs = 86_400_000;
/** From then on a person should sign anew. */
const expiresSoonMs = 14 * dayMs;

class Verification {
  readonly findings: Finding[] = [];
  checkedFiles = 0;
  checkedBytes = 0;
  readonly #publisher: Publisher;
  readonly #samplePercent: number;
  readonly #seen = new Set<string>();
  readonly #chunks = new Set<string>();
  readonly #packed = new Set<string>();

  constructor(publisher: Publisher, samplePercent: number) {
    this.#publisher = publisher;
    this.#samplePercent = samplePercent;
  }

  damaged(file: string, sentence: string, remedy: string): void {
    this.findings.push({ severity: "damaged", file, sentence, remedy });
  }

  warn(file: string, sentence: string, remedy: string): void {
    this.findings.push({ severity: "warning", file, sentence, remedy });
  }

  /** Size and digest, once for each file. */
  async file(
    { name, sizeBytes, sha256 }: ReleaseFile,
    version: string,
    onBytes: (bytes: number) => void,
  ): Promise<void> {
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    this.#publisher.signal.throwIfAborted();
    const found = await digestOnMedium(this.#publisher, `${this.#publisher.folder}/${name}`, onBytes);
    this.checkedFiles += 1;
    this.checkedBytes += found?.sizeBytes ?? 0;
    const restore = "Restore it from a copy of the repository, or withdraw the release.";
    if (found === undefined) this.damaged(name, `${name}, which ${version} needs, is missing.`, restore);
    else if (found.sizeBytes !== sizeBytes)
      this.damaged(name, `${name} has ${found.sizeBytes} bytes instead of ${sizeBytes}.`, restore);
    else if (found.sha256 !== sha256) this.damaged(name, `${name} has other bytes than were published.`, restore);
  }

  /** Index, map and packs fit the resource, and the store has the chunks; only a sample is opened where that was asked for. */
  async chunks({ version, resources }: ReleaseManifest, withStore: boolean): Promise<void> {
    const { disk, entropy } = this.#publisher.machine;
    for (const { name, sizeBytes, chunks } of resources) {
      if (chunks === undefined) continue;
      const index = await this.#told(chunks.index.name, () => readChunkIndex(this.#publisher, chunks));
      if (index === undefined) continue;
      if (indexedBytes(index) !== sizeBytes)
        this.damaged(
          chunks.index.name,
          `${chunks.index.name} is of another file than ${name}.`,
          "Publish another version.",
        );
      await this.#packs(index, chunks);
      if (!withStore) continue;
      const store = new ChunkStore(disk, `${this.#publisher.folder}/${chunks.store}`, index.digest);
      for (let number = 0; number < index.ends.length; number += 1) {
        const chunk = chunkAt(index, number);
        const path = chunkPath(chunks.store, chunk.id);
        if (this.#chunks.has(path)) continue;
        this.#chunks.add(path);
        this.#publisher.signal.throwIfAborted();
        const [chance = 0] = entropy.bytes(1);
        const whole = this.#samplePercent >= 100 || (chance * 100) / 256 < this.#samplePercent;
        const good = whole
          ? await store.has(chunk)
          : (await disk.stat(`${this.#publisher.folder}/${path}`)) !== undefined;
        this.checkedFiles += 1;
        if (whole) this.checkedBytes += chunk.length;
        if (!good)
          this.damaged(
            path,
            `The chunk ${path}, which ${version} needs, is missing or damaged.`,
            "Holdfast's clients take it from a pack; for desync and casync, restore it from a copy.",
          );
      }
    }
  }

  /** Of what was found damaged already nothing more is said. */
  async #packs(index: ChunkIndex, { map, packs }: ReleaseChunks): Promise<void> {
    const damaged = new Set(this.findings.map(({ file }) => file));
    if (damaged.has(map.name)) return;
    const reading = this.#samplePercent >= 100 ? { passOver: damaged, proven: this.#packed } : undefined;
    const problem = await this.#told(map.name, async () =>
      packProblem(this.#publisher, { index, map: await readPackMap(this.#publisher, { map }), packs }, reading),
    );
    if (problem !== undefined)
      this.damaged(map.name, `${problem}.`, "Clients fetch the whole file instead. Publish another version.");
  }

  async told<T>(file: string, read: () => Promise<T>): Promise<T | undefined> {
    return this.#told(file, read);
  }

  async #told<T>(file: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.damaged(file, `${error.message}.`, error.hint ?? "Restore it from a copy of the repository.");
      return undefined;
    }
  }
}

export async function verifyRepository(publisher: Publisher, samplePercent: number): Promise<RepoVerifyReport> {
  const settings = await readSettings(publisher);
  const index = await readIndex(publisher, settings);
  const check = new Verification(publisher, samplePercent);
  judgeDates(publisher, index, check);
  const pair = await pairProblem(publisher, settings, index);
  if (pair !== undefined)
    check.damaged(
      pair.startsWith(signatureName) ? signatureName : sumsName,
      `Other clients are told something else: ${pair}.`,
      "Run holdfast repo commit: a publication was interrupted, and it finishes it.",
    );
  const offered = index.releases.filter(({ state }) => state === "offered");
  const steps = new Steps(publisher.machine.progress, offered.length);
  for (const release of offered) await verifyRelease(publisher, release, check, steps, settings.store);
  steps.end();
  return {
    folder: publisher.folder,
    serial: index.serial,
    expires: index.expires,
    releases: offered.length,
    checkedFiles: check.checkedFiles,
    checkedBytes: check.checkedBytes,
    samplePercent,
    findings: check.findings,
  };
}

function judgeDates(publisher: Publisher, { created, expires }: ReleaseIndex, check: Verification): void {
  const nowMs = publisher.machine.clock.nowMs();
  const leftMs = Date.parse(expires) - nowMs;
  const remedy = "Sign it for another term with holdfast repo commit --renew.";
  if (leftMs <= 0) check.damaged(indexName, `${indexName} has expired on ${expires.slice(0, 10)}.`, remedy);
  else if (leftMs <= expiresSoonMs) check.warn(indexName, `${indexName} expires on ${expires.slice(0, 10)}.`, remedy);
  if (Date.parse(created) - nowMs > dayMs)
    check.warn(
      indexName,
      `${indexName} says that it was made on ${created.slice(0, 10)}, and here it is ${new Date(nowMs).toISOString().slice(0, 10)}.`,
      "Look at the clocks of this machine and of the one that signed: machines that have seen the index take its time for the earliest it can be.",
    );
}

async function verifyRelease(
  publisher: Publisher,
  release: IndexedRelease,
  check: Verification,
  steps: Steps,
  withStore: boolean,
): Promise<void> {
  const manifest = await check.told(release.name, () => readReleaseManifest(publisher, release));
  const payload = release.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  steps.begin(`Checking ${release.version}`, payload);
  for (const file of release.files) await check.file(file, release.version, steps.add);
  if (manifest === undefined) return;
  const said = JSON.stringify(release.files.map(({ name, sha256 }) => [name, sha256]));
  if (JSON.stringify(manifest.resources.map(({ name, sha256 }) => [name, sha256])) !== said)
    check.damaged(release.name, `${release.name} and ${indexName} name different files.`, "Publish another version.");
  for (const file of filesOf(manifest)) await check.file(file, release.version, () => {});
  await check.chunks(manifest, withStore);
}
