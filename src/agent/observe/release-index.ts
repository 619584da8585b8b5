// Observe: the index `holdfast.json` of one source folder, proven before it is parsed (P9, P13). Text and signature are
// one file, so nobody catches one without the other (incident E34).
import { Fault } from "../../base/fault.ts";
import type { Sha256 } from "../../base/ids.ts";
import { parseReleaseIndex, type ReleaseIndex } from "../../format/release-files.ts";
import { formatSignedText, parseSignedText, type SignedText } from "../../format/signed-text.ts";
import { readFromSource, withoutSecrets } from "../acquire/download.ts";
import type { Session } from "../session.ts";
import type { Facts } from "../state/state.ts";
import { verifySignature } from "./keyrings.ts";
import type { ProvenManifest, SourceFolder } from "./manifest.ts";
import { type ManifestFaultCode, older, refuseStale, signedEarlier, untrusted } from "./manifest-faults.ts";
import { looksLikeWebPage } from "./web-page.ts";

/** Of the file as it travels: the text of an index, its quoting, and a signature. */
const maxBytes = 20 << 20;

/**
 * The file as it lies at the source; `undefined` where there is none. A server that forbids what it does not have, or
 * sends its front page for it, has none either: the pair beside it is asked then, and believed for its own signature.
 */
export async function fetchIndex(session: Session, source: SourceFolder): Promise<Uint8Array | undefined> {
  try {
    const bytes = await readFromSource(session, `${source.location}/holdfast.json`, source.remote, maxBytes);
    return bytes === undefined || looksLikeWebPage(bytes) ? undefined : bytes;
  } catch (error) {
    if (error instanceof Fault && error.code === "server-refused") return undefined;
    throw error;
  }
}

function damaged(path: string, error: unknown): unknown {
  if (!(error instanceof Fault) || error.code !== "release-file-damaged") return error;
  const state = error.message.slice(error.message.indexOf(": ") + 2);
  return new Fault<ManifestFaultCode>("manifest-damaged", `Cannot use ${path}: ${state}`, {
    hint: "The mirror is damaged or in the middle of an upload. Nothing was changed; try again later or with another mirror.",
    cause: error,
  });
}

function readEnvelope(path: string, bytes: Uint8Array): SignedText {
  try {
    return parseSignedText("it", bytes);
  } catch (error) {
    throw damaged(path, error);
  }
}

/** What a newer publisher writes is signed and yet means nothing here: the pair beside it says enough. */
function readText(path: string, text: Uint8Array): ReleaseIndex | undefined {
  try {
    return parseReleaseIndex(text);
  } catch (error) {
    if (error instanceof Fault && error.code === "release-format-unknown") return undefined;
    throw damaged(path, error);
  }
}

/** What is offered, by name. */
function entriesOf(path: string, index: ReleaseIndex): ReadonlyMap<string, Sha256> {
  const entries = new Map<string, Sha256>();
  for (const { state, files } of index.releases) {
    if (state === "withdrawn") continue;
    for (const { name, sha256 } of files) {
      if ((entries.get(name) ?? sha256) !== sha256) {
        throw new Fault<ManifestFaultCode>(
          "manifest-damaged",
          `Cannot use ${path}: it lists ${name} with two digests`,
          {
            hint: "It was published like this. Nothing was changed; tell its publisher.",
          },
        );
      }
      entries.set(name, sha256);
    }
  }
  return entries;
}

/**
 * Believes `bytes` when a key of this machine signed them, they are not older than the last ones accepted, and their
 * time is not over. `undefined`: they are of a format that this Holdfast does not know. An index has a floor of its own,
 * because the pair is signed a moment after it.
 */
export async function proveIndex(
  session: Session,
  bytes: Uint8Array,
  source: SourceFolder,
  remembered: Facts,
  nowMs: number,
): Promise<ProvenManifest | undefined> {
  const location = withoutSecrets(source.location);
  const origin = withoutSecrets(source.origin);
  const path = `${location}/holdfast.json`;
  const envelope = readEnvelope(path, bytes);
  const signer = await verifySignature(session, envelope.text, envelope.signature, nowMs).catch((error: unknown) => {
    throw untrusted(error, path);
  });
  const index = readText(path, envelope.text);
  if (index === undefined) return undefined;
  const { serial } = index;
  const { signedAtMs } = signer;
  const floor = remembered.floor.sources[origin]?.index;
  if (floor !== undefined && serial < floor.serial)
    throw older(path, `it is number ${serial}, and number ${floor.serial} was accepted here last`);
  if (floor !== undefined && signedAtMs < floor.signedAtMs) throw signedEarlier(path, signedAtMs, floor.signedAtMs);
  refuseStale(session, path, Date.parse(index.expires) < nowMs ? index.expires : undefined);
  return {
    ...envelope,
    file: formatSignedText(envelope),
    manifest: {
      facts: {
        location,
        origin,
        evidence: "signed",
        signedAtMs,
        signer: signer.userId ?? signer.fingerprint,
        serial,
      },
      entries: entriesOf(path, index),
      index,
    },
  };
}
