// What clients read now: the index, proven by the repository's own key, and whether the pair for other clients says the same.
import { Fault } from "../base/fault.ts";
import type { Sha256 } from "../base/ids.ts";
import { bestBeforeEntry, formatChecksums } from "../format/checksums.ts";
import { parseReleaseIndex, type ReleaseIndex } from "../format/release-files.ts";
import { parseSignedText } from "../format/signed-text.ts";
import { readSmall } from "../port/small-file.ts";
import type { RepositorySettings } from "../wire/repository.ts";
import { indexName, type Publisher, signatureName, sumsName } from "./publisher.ts";
import { keyringOf } from "./settings.ts";

export type PublishedFaultCode = "index-missing" | "index-not-ours";

const maxIndexBytes = 40 << 20;
const maxSumsBytes = 16 << 20;
const maxSignatureBytes = 1 << 20;

/** The index; `undefined` where there is none. Faults: those of the formats, `index-not-ours`. */
export async function findIndex(publisher: Publisher, settings: RepositorySettings): Promise<ReleaseIndex | undefined> {
  const { disk, verifier, clock } = publisher.machine;
  const bytes = await readSmall(disk, `${publisher.folder}/${indexName}`, maxIndexBytes);
  if (bytes === undefined) return undefined;
  const { text, signature } = parseSignedText(indexName, bytes);
  try {
    await verifier.verify(text, signature, keyringOf(settings), clock.nowMs());
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    throw new Fault<PublishedFaultCode>(
      "index-not-ours",
      `Cannot trust ${publisher.folder}/${indexName}: it is not signed by this repository's key`,
      { hint: "Somebody else wrote it, or the key changed. Restore the file from a copy that verifies.", cause },
    );
  }
  return parseReleaseIndex(text);
}

export async function readIndex(publisher: Publisher, settings: RepositorySettings): Promise<ReleaseIndex> {
  const index = await findIndex(publisher, settings);
  if (index !== undefined) return index;
  throw new Fault<PublishedFaultCode>("index-missing", `Cannot use ${publisher.folder}: it has no ${indexName}`, {
    hint: "Restore it from a copy of the repository; where nothing was published yet, run holdfast repo init again.",
  });
}

/** Who signed the index; `undefined`: nobody that this repository knows. */
export async function signerOf(publisher: Publisher, settings: RepositorySettings): Promise<string | undefined> {
  const { disk, verifier, clock } = publisher.machine;
  const bytes = await readSmall(disk, `${publisher.folder}/${indexName}`, maxIndexBytes);
  if (bytes === undefined) return undefined;
  const { text, signature } = parseSignedText(indexName, bytes);
  return (await verifier.verify(text, signature, keyringOf(settings), clock.nowMs())).fingerprint;
}

/**
 * What SHA256SUMS is to say: the payload of what is offered, and that it is good no longer than the index. Whoever keeps a
 * machine from the index and sends it an old list would keep it from what is new for ever otherwise.
 */
export function sumsOf({ releases, expires }: ReleaseIndex): Uint8Array {
  const listed = new Map<string, Sha256>([bestBeforeEntry(expires.slice(0, 10))]);
  for (const { state, files } of releases)
    if (state === "offered") for (const { name, sha256 } of files) listed.set(name, sha256);
  return formatChecksums(listed);
}

/** Why other clients would see something else than the index says, in a clause; `undefined`: they see the same. */
export async function pairProblem(
  publisher: Publisher,
  settings: RepositorySettings,
  index: ReleaseIndex,
): Promise<string | undefined> {
  const { disk, verifier, clock } = publisher.machine;
  const text = await readSmall(disk, `${publisher.folder}/${sumsName}`, maxSumsBytes);
  const signature = await readSmall(disk, `${publisher.folder}/${signatureName}`, maxSignatureBytes);
  if (text === undefined || signature === undefined)
    return `${text === undefined ? sumsName : signatureName} is missing`;
  const expected = sumsOf(index);
  if (text.length !== expected.length || text.some((byte, at) => byte !== expected[at]))
    return `${sumsName} lists something else than ${indexName}`;
  try {
    await verifier.verify(text, signature, keyringOf(settings), clock.nowMs());
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return `${signatureName} is not a signature of ${sumsName} by this repository's key`;
    throw error;
  }
}
