// What a client may find in a repository at any moment: the old releases or the new ones, each whole, under a signature that
// fits; and for other clients a pair that says one of the two, or whose signature fits nothing, so that they take nothing.
import { Fault } from "../../base/fault.ts";
import { toHex } from "../../base/text.ts";
import { bestBeforeEntry, formatChecksums, parseChecksums } from "../../format/checksums.ts";
import { chunkPath, decompressHere, isChunk } from "../../delta/chunk/stored-chunk.ts";
import { chunkAt, parseChunkIndex } from "../../format/chunk-index.ts";
import {
  parseReleaseIndex,
  parseReleaseManifest,
  type ReleaseFile,
  type ReleaseIndex,
  type ReleaseManifest,
} from "../../format/release-files.ts";
import { parseSignedText } from "../../format/signed-text.ts";
import { simDigest } from "../digest/sim-digest.ts";
import { Content } from "../disk/content.ts";
import type { SimWorld } from "../machine.ts";
import { SimVerifier } from "../verifier/sim-verifier.ts";
import { bytesAt, folder, settings } from "./sample-publisher.ts";

/** The releases that an index may tell of, each as `VERSION STATE`. */
export type Told = readonly string[];

const verifier = new SimVerifier(simDigest);
const keyring = Uint8Array.fromBase64(settings.keyring);

async function fits(world: SimWorld, text: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return verifier.verify(text, signature, keyring, world.clock.nowMs()).then(
    () => true,
    () => false,
  );
}

/** All that is wrong with what clients read; `allowed`: what the index may tell. Absent only where `empty` allows it. */
export async function readAsClient(
  world: SimWorld,
  allowed: readonly Told[],
  mayBeAbsent = false,
): Promise<readonly string[]> {
  const bytes = bytesAt(world, "holdfast.json");
  if (bytes === undefined) return mayBeAbsent ? [] : ["holdfast.json is not there"];
  const { text, signature } = parseSignedText("the index", bytes);
  if (!(await fits(world, text, signature))) return ["holdfast.json is not signed"];
  const index = parseReleaseIndex(text);
  const told = index.releases.map(({ version, state }) => `${version} ${state}`);
  const problems: string[] = [];
  if (!allowed.some((one) => one.join() === told.join())) problems.push(`the index tells of ${told.join(", ")}`);
  for (const release of index.releases)
    if (release.state === "offered")
      problems.push(...releaseProblems(world, release.name, [release, ...release.files]));
  return [...problems, ...(await pairProblems(world, index, allowed))];
}

function hashOf(bytes: Uint8Array): string {
  const hasher = simDigest.sha256();
  hasher.update(bytes);
  return hasher.finish();
}

type Lookup = (name: string) => Uint8Array | undefined;

function releaseProblems(
  world: SimWorld,
  name: string,
  files: readonly ReleaseFile[],
  at: Lookup = (path) => bytesAt(world, path),
): readonly string[] {
  const wrong = files.flatMap((file) => fileProblem(at, file));
  const bytes = at(name);
  if (wrong.length > 0) return wrong;
  if (bytes === undefined) return [`${name} is not there`];
  const manifest = manifestOf(bytes);
  if (manifest === undefined) return [`${name} is damaged`];
  const chunks = manifest.resources.flatMap((resource) => resource.chunks ?? []);
  const named = [
    ...manifest.resources,
    ...manifest.deltas,
    ...chunks.flatMap(({ index, map, packs }) => [index, map, ...packs]),
  ];
  const more = named.flatMap((file) => fileProblem(at, file));
  return more.length > 0 ? more : chunks.flatMap(({ index, store }) => storeProblems(world, at(index.name), store));
}

/** Of what is staged nobody has said yet which bytes it is to have, so that it may be none. */
function manifestOf(bytes: Uint8Array): ReleaseManifest | undefined {
  try {
    return parseReleaseManifest(bytes);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function fileProblem(at: Lookup, { name, sizeBytes, sha256 }: ReleaseFile): readonly string[] {
  const bytes = at(name);
  if (bytes === undefined) return [`${name} is named and not there`];
  return bytes.length === sizeBytes && hashOf(bytes) === sha256 ? [] : [`${name} has other bytes than it is to have`];
}

function storeProblems(world: SimWorld, indexBytes: Uint8Array | undefined, store: string): readonly string[] {
  const index = parseChunkIndex(indexBytes ?? new Uint8Array());
  return Array.from({ length: index.ends.length }, (_, number) => chunkAt(index, number)).flatMap((chunk) => {
    const found = world.tree.peek(`${folder}/${store}/${chunkPath(chunk.id)}`);
    if (!(found instanceof Content)) return [`the chunk ${toHex(chunk.id)} is gone`];
    const isWhole = isChunk(found.derived(plainOf), chunk, index.digest);
    return isWhole ? [] : [`the chunk ${toHex(chunk.id)} has other bytes`];
  });
}

/** More than a chunk of the sample has. */
const plainBytesMax = 1 << 20;

/** What comes out of a stored chunk; nothing of what is none. */
function plainOf(stored: Content): Uint8Array {
  try {
    return decompressHere(stored.bytes(), plainBytesMax);
  } catch {
    return new Uint8Array();
  }
}

/** Sums of the index itself or of another allowed state; anything signed must be one of them, and what it lists be there. */
async function pairProblems(
  world: SimWorld,
  index: ReleaseIndex,
  allowed: readonly Told[],
): Promise<readonly string[]> {
  const text = bytesAt(world, "SHA256SUMS");
  const signature = bytesAt(world, "SHA256SUMS.gpg");
  if (text === undefined || signature === undefined || !(await fits(world, text, signature))) return [];
  if (text.length === 0) return allowed.some((told) => told.length === 0) ? [] : ["SHA256SUMS is empty"];
  const { entries } = parseChecksums(text);
  const problems = [...entries].flatMap(([name, sha256]) => {
    const bytes = bytesAt(world, name);
    return bytes !== undefined && hashOf(bytes) === sha256 ? [] : [`${name} is listed, and not there as listed`];
  });
  const versions = new Set(index.releases.flatMap(({ files }) => files.map(({ name }) => name)));
  const strange = [...entries.keys()].filter((name) => !versions.has(name) && !mayBeOlder(name, allowed));
  return [...problems, ...strange.map((name) => `${name} is listed, and no release has it`)];
}

/** The pair follows the index: for a moment it still lists what the index has left. */
function mayBeOlder(name: string, allowed: readonly Told[]): boolean {
  return allowed.some((told) => told.some((one) => name.includes(`_${one.split(" ")[0]}.`)));
}

/** What a commit would stumble over: what is staged waits there for days, and power may go at any time. */
function stagedProblems(world: SimWorld, version: string): readonly string[] {
  const files = `.holdfast/staging/${version}/files/`;
  const at: Lookup = (name) => bytesAt(world, `${files}${name}`) ?? bytesAt(world, name);
  if (bytesAt(world, `.holdfast/staging/${version}/staged.json`) === undefined) return [`${version} is not staged`];
  return releaseProblems(world, `releases/${version}.json`, [], at);
}

/** What is missing once a command has come to its end: the pair says what the index says, and nothing waits. */
export async function checkPublished(
  world: SimWorld,
  told: Told,
  staged: readonly string[],
): Promise<readonly string[]> {
  const problems = [...(await readAsClient(world, [told]))];
  if (problems.length > 0) return problems;
  const { text } = parseSignedText("the index", bytesAt(world, "holdfast.json") ?? new Uint8Array());
  const index = parseReleaseIndex(text);
  const listed = index.releases.filter(({ state }) => state === "offered").flatMap(({ files }) => files);
  const entries = listed.map(({ name, sha256 }) => [name, sha256] as const);
  const sums = formatChecksums([...entries, bestBeforeEntry(index.expires.slice(0, 10))]);
  const said = bytesAt(world, "SHA256SUMS") ?? new Uint8Array();
  if (hashOf(said) !== hashOf(sums)) problems.push("SHA256SUMS says something else than the index");
  if (!(await fits(world, said, bytesAt(world, "SHA256SUMS.gpg") ?? new Uint8Array())))
    problems.push("SHA256SUMS.gpg does not fit");
  const own = `${folder}/.holdfast`;
  for (const name of world.tree.namesIn(`${own}/next`)) problems.push(`left over: .holdfast/next/${name}`);
  for (const name of world.tree.namesIn(`${own}/staging`))
    if (!staged.includes(name)) problems.push(`left over: .holdfast/staging/${name}`);
  for (const name of staged) problems.push(...stagedProblems(world, name));
  const waiting = new TextDecoder().decode(bytesAt(world, ".holdfast/retired.json") ?? new Uint8Array());
  for (const name of world.tree.namesIn(folder)) {
    const known =
      listed.some((file) => file.name === name) ||
      /^(?:\.holdfast|SHA256SUMS(?:\.gpg)?|holdfast\.json|releases|chunks|deltas)$/.test(name);
    const withdrawn = index.releases.some((release) => release.files.some((file) => file.name === name));
    if (!known && !withdrawn && !waiting.includes(`"${name}"`)) problems.push(`left over: ${name}`);
  }
  return problems;
}
