// Observe: the manifest of one source folder, proven before anything in it is believed (P9, P13; interfaces D.4). It is
// the index `holdfast.json` where there is one, else the pair SHA256SUMS and SHA256SUMS.gpg.
import { builtAtMs } from "../../base/build-info.ts";
import { Fault } from "../../base/fault.ts";
import type { Sha256 } from "../../base/ids.ts";
import type { ManifestFacts } from "../../domain/resource.ts";
import { trustedNowMs } from "../../domain/trusted-time.ts";
import { type ChecksumManifest, parseChecksums, staleSince } from "../../format/checksums.ts";
import type { ReleaseIndex } from "../../format/release-files.ts";
import { readFromSource, withoutSecrets } from "../acquire/download.ts";
import { insideRoot } from "./demand-machine.ts";
import { verifySignature } from "./keyrings.ts";
import { manifestCacheFolder, readCached, readCachedIndex, saveCached, saveCachedIndex } from "./manifest-cache.ts";
import { type ManifestFaultCode, refuseStale, signedEarlier, untrusted } from "./manifest-faults.ts";
import { fetchIndex, proveIndex } from "./release-index.ts";
import type { Session } from "../session.ts";
import type { Facts } from "../state/state.ts";
import { looksLikeWebPage, portalHint } from "./web-page.ts";

const maxManifestBytes = 16 * 1024 * 1024;
const maxSignatureBytes = 256 * 1024;

export interface Manifest {
  readonly facts: ManifestFacts;
  readonly entries: ReadonlyMap<string, Sha256>;
  /** What an index says beyond that: sizes, manifests of releases, and what was withdrawn. */
  readonly index: ReleaseIndex | undefined;
}

/** A source folder: a URL or a folder of the machine, without a slash at the end. */
export interface SourceFolder {
  readonly location: string;
  readonly remote: boolean;
  readonly verify: boolean;
  /** What the definition names, wherever the bytes come from this time: a stick cannot bring back an older list (P9). */
  readonly origin: string;
}

interface RawManifest {
  readonly text: Uint8Array;
  readonly signature: Uint8Array | undefined;
}

async function fetchRaw(session: Session, source: SourceFolder): Promise<RawManifest | undefined> {
  const path = `${source.location}/SHA256SUMS`;
  const text = await readFromSource(session, path, source.remote, maxManifestBytes);
  if (text === undefined) return undefined;
  if (!source.verify) return { text, signature: undefined };
  const signature =
    (await readFromSource(session, `${path}.gpg`, source.remote, maxSignatureBytes)) ??
    (await readFromSource(session, `${path}.asc`, source.remote, maxSignatureBytes));
  return { text, signature };
}

/** A page of a portal or proxy instead of the file: said as such, because "bad signature" would send people astray (E36). */
function refuseHtml(bytes: Uint8Array, location: string): void {
  if (!looksLikeWebPage(bytes)) return;
  throw new Fault<ManifestFaultCode>(
    "manifest-is-html",
    `Cannot use ${withoutSecrets(location)}/SHA256SUMS: it is a web page, not a list of checksums`,
    { hint: portalHint, retriable: true },
  );
}

async function authenticate(
  session: Session,
  raw: RawManifest,
  source: SourceFolder,
  nowMs: number,
): Promise<ManifestFacts> {
  const location = withoutSecrets(source.location);
  const origin = withoutSecrets(source.origin);
  if (!source.verify) return { location, origin, evidence: "listed", signedAtMs: undefined, signer: undefined };
  refuseHtml(raw.text, source.location);
  if (raw.signature === undefined) {
    throw new Fault<ManifestFaultCode>(
      "no-signature",
      `Cannot trust ${location}/SHA256SUMS: it is not signed (no SHA256SUMS.gpg beside it)`,
      {
        hint: "Ask the publisher to sign it. Verify=no in the definition switches the check off for good.",
      },
    );
  }
  refuseHtml(raw.signature, source.location);
  const signature = await verifySignature(session, raw.text, raw.signature, nowMs).catch((error: unknown) => {
    throw untrusted(error, `${location}/SHA256SUMS`);
  });
  return {
    location,
    origin,
    evidence: "signed",
    signedAtMs: signature.signedAtMs,
    signer: signature.userId ?? signature.fingerprint,
  };
}

/** The clock may be wrong: the latest of clock, build time and last accepted signature counts (P13). */
function nowOf(session: Session, facts: Facts): number {
  const accepted = Object.values(facts.floor.sources).map((source) => source.signedAtMs);
  return trustedNowMs({
    clockMs: session.machine.clock.nowMs(),
    buildTimeMs: builtAtMs,
    lastSignedMs: Math.max(0, ...accepted),
  });
}

function judgeAge(
  session: Session,
  manifest: ChecksumManifest,
  facts: ManifestFacts,
  remembered: Facts,
  nowMs: number,
): void {
  const floor = remembered.floor.sources[facts.origin]?.signedAtMs;
  const path = `${facts.location}/SHA256SUMS`;
  if (floor !== undefined && facts.signedAtMs !== undefined && facts.signedAtMs < floor)
    throw signedEarlier(path, facts.signedAtMs, floor);
  refuseStale(session, path, staleSince(manifest, nowMs));
}

/** Offline, the last list that a server sent stands in for the server; a folder is read as ever. */
function isCached(session: Session, source: SourceFolder): boolean {
  return session.settings.offline === true && source.remote;
}

/** A manifest that was accepted, with what was signed and the signature as they came. */
export interface ProvenManifest extends RawManifest {
  readonly manifest: Manifest;
  /** Of an index: both in one file. */
  readonly file?: Uint8Array;
}

/** The manifest of a source, or `undefined` when a local folder has none. Accepted ones are kept for `--offline`. */
export async function readManifest(
  session: Session,
  source: SourceFolder,
  remembered: Facts,
): Promise<Manifest | undefined> {
  const proven = await proveManifest(session, source, remembered);
  if (proven === undefined) return undefined;
  const { manifest, text, signature, file } = proven;
  const folder = manifestCacheFolder(session, source.origin);
  if (isCached(session, source)) return manifest;
  if (file !== undefined) await saveCachedIndex(session, folder, file);
  else {
    // One that a publisher no longer writes must not come first when there is no network.
    if (remembered.floor.sources[manifest.facts.origin]?.index !== undefined)
      await saveCachedIndex(session, folder, undefined);
    await saveCached(session, folder, text, signature);
  }
  return manifest;
}

/**
 * Reads and proves, and keeps nothing. With `offline` set it is the last one accepted, proven again. Without
 * verification nothing but the list of names is read.
 */
export async function proveManifest(
  session: Session,
  source: SourceFolder,
  remembered: Facts,
): Promise<ProvenManifest | undefined> {
  const nowMs = nowOf(session, remembered);
  const folder = manifestCacheFolder(session, source.origin);
  const index = !source.verify
    ? undefined
    : isCached(session, source)
      ? await readCachedIndex(session, folder)
      : await fetchIndex(session, source);
  const proven = index === undefined ? undefined : await proveIndex(session, index, source, remembered, nowMs);
  return proven ?? provePair(session, source, remembered, nowMs);
}

/**
 * A list and its signature cannot be replaced at once, so what does not fit is fetched a second time before it counts as
 * wrong (E34).
 */
async function provePair(
  session: Session,
  source: SourceFolder,
  remembered: Facts,
  nowMs: number,
): Promise<ProvenManifest | undefined> {
  const cache = manifestCacheFolder(session, source.origin);
  let raw = isCached(session, source) ? await readCached(session, cache) : await fetchRaw(session, source);
  if (raw === undefined) return absent(session, source);
  let facts: ManifestFacts;
  try {
    facts = await authenticate(session, raw, source, nowMs);
  } catch (error) {
    if (isCached(session, source) || !source.remote || !(error instanceof Fault) || error.code !== "bad-signature")
      throw error;
    raw = await fetchRaw(session, source);
    if (raw === undefined) return absent(session, source);
    facts = await authenticate(session, raw, source, nowMs);
  }
  const manifest = parseChecksums(raw.text);
  judgeAge(session, manifest, facts, remembered, nowMs);
  return { ...raw, manifest: { facts, entries: manifest.entries, index: undefined } };
}

async function absent(session: Session, source: SourceFolder): Promise<undefined> {
  const location = withoutSecrets(source.location);
  if (isCached(session, source)) {
    throw new Fault<ManifestFaultCode>("not-acquired", `Cannot work offline: nothing was ever taken from ${location}`, {
      hint: "Run holdfast update once with the network, or give a folder with --from.",
    });
  }
  if (!source.remote && !source.verify) return undefined;
  const isThere = source.remote || (await session.machine.disk.resolve(source.location)) !== undefined;
  if (!isThere) {
    throw new Fault<ManifestFaultCode>("no-manifest", `Cannot use ${location}: there is no such folder`, {
      hint: `Mount it first, or name another.${insideRoot(session)}`,
    });
  }
  throw new Fault<ManifestFaultCode>("no-manifest", `Cannot use ${location}: there is no SHA256SUMS in it`, {
    hint: source.remote
      ? "Check the address in the definition."
      : `A folder is verified like a server: put SHA256SUMS and SHA256SUMS.gpg into it, or say Verify=no in the definition.${insideRoot(session)}`,
  });
}
