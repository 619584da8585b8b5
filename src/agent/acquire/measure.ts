// Sizes of what is to be downloaded, and digests of local sources that no manifest lists, before the plan is made.
import { Fault } from "../../base/fault.ts";
import type { Sha256 } from "../../base/ids.ts";
import type { Offer, Release } from "../../domain/resource.ts";
import { indexedBytes } from "../../format/chunk-index.ts";
import { digestFile } from "./digest-file.ts";
import { faultOfStatus } from "./download.ts";
import { hasListedChunks, readListedIndex } from "./listed-index.ts";
import type { Session } from "../session.ts";
import { digestTree } from "./tree.ts";

export type MeasureFaultCode = "two-digests";

/** A HEAD that fails only costs the size; one that says the file is not there ends the update before it begins. */
async function remoteSize(session: Session, offer: Offer): Promise<number | undefined> {
  try {
    const answer = await session.machine.http.request(
      { url: offer.location, method: "HEAD", maxBytes: 0 },
      session.signal,
    );
    if (answer.status === 404 || answer.status === 410) throw faultOfStatus(answer, offer.location);
    const length = answer.headers["content-length"];
    return answer.status === 200 && length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
  } catch (error) {
    session.signal.throwIfAborted();
    if (error instanceof Fault && error.code === "not-on-server") throw error;
    return undefined;
  }
}

/**
 * With the size that the index says, which is signed: the file itself need not be on the server. Without the index where it
 * cannot be had: the whole file may be there, and nobody waits for a silent server twice.
 */
async function withListedSize(session: Session, offer: Offer): Promise<Offer> {
  if (!hasListedChunks(offer)) return offer;
  try {
    return { ...offer, sizeBytes: indexedBytes(await readListedIndex(session, offer)) };
  } catch (error) {
    session.signal.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    session.machine.progress.report({ kind: "note", text: `${error.message}; ${offer.name} is fetched whole` });
    const { listedChunks: _, ...whole } = offer;
    return whole;
  }
}

/** As systemd-sysupdate: one of the two is wrong, and nobody can tell which. */
function demandOneDigest({ name, sha256, fields }: Offer): void {
  if (sha256 === undefined || fields.sha256 === undefined || sha256 === fields.sha256) return;
  throw new Fault<MeasureFaultCode>(
    "two-digests",
    `Cannot use ${name}: its name and the manifest disagree about its digest`,
    {
      hint: "It was published like this. Nothing was installed; tell its publisher.",
      details: { manifest: sha256, name: fields.sha256 },
    },
  );
}

/** Digest of a local source that no manifest lists, so that even there identity is by content. */
async function measureLocal(
  session: Session,
  path: string,
): Promise<{ readonly sha256: Sha256; readonly sizeBytes: number }> {
  await using file = await session.machine.disk.open(path, "read");
  const sizeBytes = await file.size();
  return { sha256: await digestFile(session, file, sizeBytes), sizeBytes };
}

/** With its size and digest, as far as they can be known without fetching it. */
export async function measureOffer(session: Session, offer: Offer): Promise<Offer> {
  demandOneDigest(offer);
  if (offer.remote) {
    if (offer.sizeBytes !== undefined || session.settings.offline === true) return offer;
    const listed = await withListedSize(session, offer);
    if (listed.sizeBytes !== undefined) return listed;
    const sizeBytes = await remoteSize(session, listed);
    return sizeBytes === undefined ? listed : { ...listed, sizeBytes };
  }
  if (offer.sha256 !== undefined) return offer;
  if (offer.shape.kind === "tree") return { ...offer, sha256: await digestTree(session, offer.location) };
  return { ...offer, ...(await measureLocal(session, offer.location)) };
}

/** The release with every digest and, where the server says them, every size. */
export async function measureRelease(session: Session, release: Release): Promise<Release> {
  const offers: Offer[] = [];
  for (const offer of release.offers) offers.push(await measureOffer(session, offer));
  return { ...release, offers };
}
