// Observe: the manifest of one source folder, proven before anything in it is believed (P9, P13; interfaces D.4).
import { builtAtMs } from "../../base/build-info.ts";
import { Fault } from "../../base/fault.ts";
import type { Sha256 } from "../../base/ids.ts";
import type { ManifestFacts } from "../../domain/resource.ts";
import { trustedNowMs } from "../../domain/trusted-time.ts";
import { type ChecksumManifest, parseChecksums, staleSince } from "../../format/checksums.ts";
import { readFromSource, withoutSecrets } from "../acquire/download.ts";
import { verifySignature } from "./keyrings.ts";
import { manifestCacheFolder, readCached, saveCached } from "./manifest-cache.ts";
import type { Session } from "../session.ts";
import type { Facts } from "../state/state.ts";
import { looksLikeWebPage, portalHint } from "./web-page.ts";

export type ManifestFaultCode =
  | "no-manifest"
  | "no-signature"
  | "manifest-stale"
  | "manifest-older"
  | "manifest-is-html"
  | "not-acquired";

const maxManifestBytes = 16 * 1024 * 1024;
const maxSignatureBytes = 256 * 1024;

export interface Manifest {
  readonly facts: ManifestFacts;
  readonly entries: ReadonlyMap<string, Sha256>;
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
    throw error instanceof Fault && !["damaged-keyring", "no-keyring"].includes(error.code)
      ? untrusted(error, location)
      : error;
  });
  return {
    location,
    origin,
    evidence: "signed",
    signedAtMs: signature.signedAtMs,
    signer: signature.userId ?? signature.fingerprint,
  };
}

/** Says which list it was that the signature did not prove. */
function untrusted(error: Fault, location: string): Fault {
  const state = error.message.slice(error.message.indexOf(": ") + 2);
  return new Fault(error.code, `Cannot trust ${location}/SHA256SUMS: ${state}`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    retriable: error.retriable,
    cause: error,
  });
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
  if (floor !== undefined && facts.signedAtMs !== undefined && facts.signedAtMs < floor) {
    throw new Fault<ManifestFaultCode>(
      "manifest-older",
      `Cannot use ${facts.location}/SHA256SUMS: it was signed on ${day(facts.signedAtMs)}, before the one accepted here last (${day(floor)})`,
      { hint: "The mirror is behind, or someone plays back an old list. Use another mirror or wait.", kind: "refused" },
    );
  }
  if (session.machine.process.environment("SYSTEMD_SYSUPDATE_VERIFY_FRESHNESS") === "0") return;
  const since = staleSince(manifest, nowMs);
  if (since !== undefined) {
    throw new Fault<ManifestFaultCode>(
      "manifest-stale",
      `Cannot use ${facts.location}/SHA256SUMS: it was good until ${since} only`,
      {
        hint: "The mirror is no longer kept up to date, or this machine's clock is ahead. SYSTEMD_SYSUPDATE_VERIFY_FRESHNESS=0 overrides.",
        kind: "refused",
      },
    );
  }
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

/** Offline, the last list that a server sent stands in for the server; a folder is read as ever. */
function isCached(session: Session, source: SourceFolder): boolean {
  return session.settings.offline === true && source.remote;
}

/** A manifest that was accepted, with its bytes as they came. */
export interface ProvenManifest extends RawManifest {
  readonly manifest: Manifest;
}

/** The manifest of a source, or `undefined` when a local folder has none. Accepted ones are kept for `--offline`. */
export async function readManifest(
  session: Session,
  source: SourceFolder,
  remembered: Facts,
): Promise<Manifest | undefined> {
  const proven = await proveManifest(session, source, remembered);
  if (proven === undefined) return undefined;
  if (!isCached(session, source))
    await saveCached(session, manifestCacheFolder(session, source.origin), proven.text, proven.signature);
  return proven.manifest;
}

/**
 * Reads and proves, and keeps nothing. With `offline` set it is the last one accepted, proven again. A manifest and its
 * signature cannot be replaced at once, so what does not fit is fetched a second time before it counts as wrong (E34).
 */
export async function proveManifest(
  session: Session,
  source: SourceFolder,
  remembered: Facts,
): Promise<ProvenManifest | undefined> {
  const nowMs = nowOf(session, remembered);
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
  return { ...raw, manifest: { facts, entries: manifest.entries } };
}

function absent(session: Session, source: SourceFolder): undefined {
  const location = withoutSecrets(source.location);
  if (isCached(session, source)) {
    throw new Fault<ManifestFaultCode>("not-acquired", `Cannot work offline: nothing was ever taken from ${location}`, {
      hint: "Run holdfast update once with the network, or give a folder with --from.",
    });
  }
  if (!source.remote && !source.verify) return undefined;
  throw new Fault<ManifestFaultCode>("no-manifest", `Cannot use ${location}: there is no SHA256SUMS in it`, {
    hint: source.remote
      ? "Check the address in the definition."
      : "A folder is verified like a server: put SHA256SUMS and SHA256SUMS.gpg into it, or say Verify=no in the definition.",
  });
}
