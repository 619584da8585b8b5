// Makes an index visible: signed, written beside, flushed; then holdfast.json in one rename, and SHA256SUMS.gpg and SHA256SUMS
// one after the other. Whoever reads the pair between these two finds a signature of another text, and takes nothing.
import { Fault } from "../base/fault.ts";
import { formatReleaseIndex, type ReleaseIndex } from "../format/release-files.ts";
import { formatSignedText } from "../format/signed-text.ts";
import type { RepositorySettings } from "../wire/repository.ts";
import { removeTree, writeNew } from "./files.ts";
import { indexName, nextFolder, type Publisher, signatureName, sumsName } from "./publisher.ts";
import { pairProblem, sumsOf } from "./published.ts";
import { keyringOf } from "./settings.ts";
import { signedLastMs } from "./signed-last.ts";

export type PublishFaultCode = "signature-not-ours" | "clock-behind";

/** Replaces what clients read. Everything that can fail for reasons of ours (the key, the room) comes before the first change. */
export async function publishIndex(
  publisher: Publisher,
  settings: RepositorySettings,
  index: ReleaseIndex,
): Promise<void> {
  const text = formatReleaseIndex(index);
  const envelope = formatSignedText({ text, signature: await sign(publisher, settings, text) });
  const next = nextFolder(publisher);
  await writeNew(publisher, `${next}/${indexName}`, [envelope]);
  await writePair(publisher, settings, index);
  const { disk } = publisher.machine;
  await disk.replace(`${next}/${indexName}`, `${publisher.folder}/${indexName}`);
  await showPair(publisher);
}

/**
 * Finishes what an interrupted command left: the pair says what the index says, and nothing waits in between.
 * Answers whether there was something to finish.
 */
export async function settle(
  publisher: Publisher,
  settings: RepositorySettings,
  index: ReleaseIndex,
): Promise<{ readonly finished: boolean }> {
  const problem = await pairProblem(publisher, settings, index);
  if (problem !== undefined) {
    await writePair(publisher, settings, index);
    await showPair(publisher);
  }
  await removeTree(publisher.machine.disk, nextFolder(publisher));
  return { finished: problem !== undefined };
}

async function writePair(publisher: Publisher, settings: RepositorySettings, index: ReleaseIndex): Promise<void> {
  const next = nextFolder(publisher);
  const sums = sumsOf(index);
  await writeNew(publisher, `${next}/${signatureName}`, [await sign(publisher, settings, sums)]);
  await writeNew(publisher, `${next}/${sumsName}`, [sums]);
}

/** Flushes what was renamed before it as well. */
async function showPair(publisher: Publisher): Promise<void> {
  const { disk } = publisher.machine;
  const next = nextFolder(publisher);
  await disk.replace(`${next}/${signatureName}`, `${publisher.folder}/${signatureName}`);
  await disk.replace(`${next}/${sumsName}`, `${publisher.folder}/${sumsName}`);
  await disk.syncFolder(publisher.folder);
  await disk.syncFolder(next);
  await removeTree(disk, next);
}

/** A signature that clients would take; a program that signs with another key, or for yesterday, is found out before anybody else does. */
async function sign(publisher: Publisher, settings: RepositorySettings, text: Uint8Array): Promise<Uint8Array> {
  const { signer, verifier, clock } = publisher.machine;
  const lastMs = await signedLastMs(publisher, settings);
  const signature = await signer.sign(settings.key, text, lastMs);
  let signedAtMs: number;
  try {
    ({ signedAtMs } = await verifier.verify(text, signature, keyringOf(settings), clock.nowMs()));
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    throw new Fault<PublishFaultCode>(
      "signature-not-ours",
      "Cannot publish: what was signed is not signed by the public key of this repository",
      {
        hint: "Sign with the key that holdfast repo init was given; machines know no other. Nothing was published.",
        cause,
      },
    );
  }
  if (signedAtMs >= lastMs) return signature;
  throw new Fault<PublishFaultCode>(
    "clock-behind",
    `Cannot publish: it was signed for ${timeOf(signedAtMs)}, and what machines have for ${timeOf(lastMs)}`,
    {
      hint: "Machines take nothing that was signed before what they have: set the clock of whatever signs. Nothing was published.",
    },
  );
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}
