// Acquire: the bytes of one resource as they travel, into an open file, resumable at any byte (P6).
// A partial is keyed by the digest it is to have, so any mirror may continue it; the digest decides at the end.
import { Fault } from "../../base/fault.ts";
import type { Sha256 } from "../../base/ids.ts";
import type { Offer } from "../../domain/resource.ts";
import type { DiskFile } from "../../port/disk.ts";
import { hashInto } from "./digest-file.ts";
import { faultOfStatus, leave, retryDelayMs, withoutSecrets } from "./download.ts";
import { Pacer } from "./pacer.ts";
import { PieceWriter } from "./piece-writer.ts";
import { streamFile } from "./stream-file.ts";
import type { Session } from "../session.ts";
import { looksLikeWebPage, portalHint } from "../observe/web-page.ts";

export type DownloadResourceFaultCode = "digest-mismatch" | "wrong-length" | "connection-lost" | "not-acquired";

/** Attempts in a row that bring next to nothing before the update gives up; what is there stays. */
const fruitlessMax = 5;
/** A line that is cut after every few bytes would otherwise be asked for ever. */
const fruitBytesMin = 4096;
/** Larger than any image; a server that sends for ever is cut off here when no length is known. */
const unboundedBytes = 2 ** 46;

export interface DownloadRequest {
  readonly offer: Offer;
  /** Open for reading and writing; its first `resumeBytes` bytes are continued. */
  readonly file: DiskFile;
  readonly resumeBytes: number;
  /** Called with the number of bytes that are in the file. */
  readonly onBytes: (done: number) => void;
  /** Called with a number of bytes that are flushed. */
  readonly onFlushed: (done: number) => Promise<void>;
}

export interface Downloaded {
  readonly sizeBytes: number;
  readonly sha256: Sha256;
  /** Bytes that came from the source in this run. */
  readonly transferredBytes: number;
}

interface Stream {
  /** Offset in the resource at which the body begins. */
  readonly startsAt: number;
  readonly body: AsyncIterable<Uint8Array>;
}

async function openRemote(session: Session, offer: Offer, offset: number): Promise<Stream | "complete"> {
  // Offline, what is here is all there is; when it is not enough, the digest says so.
  if (session.settings.offline === true) return "complete";
  const maxBytes = offer.sizeBytes === undefined ? unboundedBytes : offer.sizeBytes + 1;
  const answer = await session.machine.http.request(
    { url: offer.location, method: "GET", ...(offset > 0 ? { offset } : {}), maxBytes },
    session.signal,
  );
  if (answer.status === 206) {
    const start = /^bytes (\d+)-/.exec(answer.headers["content-range"] ?? "")?.[1];
    return { startsAt: start === undefined ? offset : Number(start), body: answer.body };
  }
  if (answer.status === 200) return { startsAt: 0, body: answer.body };
  await leave(answer);
  // Nothing beyond what is here: the digest says whether that is all, or another file's bytes.
  if (answer.status === 416 && offset > 0) return "complete";
  throw faultOfStatus(answer, offer.location);
}

async function openStream(session: Session, offer: Offer, offset: number): Promise<Stream | "complete"> {
  return offer.remote
    ? openRemote(session, offer, offset)
    : { startsAt: offset, body: streamFile(session, offer.location, offset) };
}

function isRetriable(error: unknown): error is Fault {
  return error instanceof Fault && error.retriable;
}

/** One run over the network: from `writer.position` to the end, with as many connections as it takes. */
async function pull(session: Session, request: DownloadRequest, writer: PieceWriter): Promise<number> {
  const { offer } = request;
  const pacer = new Pacer(session);
  let transferred = 0;
  for (let fruitless = 0; ; ) {
    const before = writer.position;
    try {
      const stream = await openStream(session, offer, writer.position);
      if (stream === "complete") return transferred;
      // Range ignored, or another range than asked for: continue where the server begins, never leave a gap.
      if (stream.startsAt !== writer.position) {
        if (stream.startsAt !== 0)
          throw new Fault(
            "connection-lost",
            `Cannot continue ${withoutSecrets(offer.location)}: the server sent another part than asked for`,
            { retriable: true },
          );
        await writer.restart();
      }
      let isWebPage = false;
      for await (const piece of stream.body) {
        session.signal.throwIfAborted();
        if (writer.position === 0) isWebPage = looksLikeWebPage(piece);
        if (offer.sizeBytes !== undefined && writer.position + piece.length > offer.sizeBytes) {
          throw sendsMore(offer);
        }
        transferred += piece.length;
        await writer.append(piece);
        request.onBytes(writer.position);
        await pacer.pace(piece.length);
      }
      if (offer.sizeBytes === undefined || writer.position >= offer.sizeBytes) return transferred;
      // Nothing of a page may be kept: continued, it would spoil a download that succeeds later.
      if (isWebPage) throw sentWebPage(offer);
      throw new Fault(
        "connection-lost",
        `Cannot finish ${withoutSecrets(offer.location)}: the server stopped after ${writer.position} of ${offer.sizeBytes} bytes`,
        { retriable: true },
      );
    } catch (error) {
      session.signal.throwIfAborted();
      if (error instanceof Fault && error.code === "too-large") throw sendsMore(offer);
      if (!isRetriable(error)) throw error;
      fruitless = writer.position - before >= fruitBytesMin ? 0 : fruitless + 1;
      if (fruitless >= fruitlessMax) {
        throw new Fault(error.code, error.message, { ...hintOfLoss(), cause: error, retriable: true });
      }
      session.machine.progress.report({ kind: "note", text: `${error.message}; going on at byte ${writer.position}` });
      if (fruitless > 0) await session.machine.clock.sleep(retryDelayMs(fruitless), session.signal);
    }
  }
}

function hintOfLoss(): { readonly hint: string; readonly kind: "interrupted" } {
  return {
    hint: "What was downloaded is kept. Run holdfast update again and it goes on from there.",
    kind: "interrupted",
  };
}

/**
 * Downloads, and returns only when the digest is the one that was promised. Bytes kept from an earlier run that turn
 * out wrong (a power cut may leave zeros) cost one fresh download; fresh bytes that are wrong are a Fault
 * `digest-mismatch`, and the file is left for the caller to remove.
 */
export async function downloadResource(session: Session, request: DownloadRequest): Promise<Downloaded> {
  const { offer, file } = request;
  let transferredBytes = 0;
  for (let start = request.resumeBytes; ; start = 0) {
    const hasher = session.machine.digest.sha256();
    await hashInto(session, file, hasher, start);
    const writer = new PieceWriter(session, file, hasher, start, request.onFlushed);
    try {
      transferredBytes += await pull(session, request, writer);
    } finally {
      // Also after Ctrl-C: what is here is kept for the next run.
      await writer.drain();
    }
    const sha256 = writer.digest();
    if (offer.sha256 === undefined || sha256 === offer.sha256)
      return { sizeBytes: writer.position, sha256, transferredBytes };
    if (session.settings.offline === true && offer.remote) throw notHere(offer);
    if (start === 0) throw (await holdsWebPage(file, writer.position)) ? sentWebPage(offer) : mismatch(offer, sha256);
    session.machine.progress.report({
      kind: "note",
      text: `What an earlier run had kept of ${offer.name} did not fit; downloading it again`,
    });
  }
}

async function holdsWebPage(file: DiskFile, sizeBytes: number): Promise<boolean> {
  const start = new Uint8Array(Math.min(512, sizeBytes));
  return looksLikeWebPage(start.subarray(0, await file.read(0, start)));
}

function sentWebPage(offer: Offer): Fault<DownloadResourceFaultCode> {
  return new Fault(
    "digest-mismatch",
    `Cannot use ${offer.name}: ${withoutSecrets(offer.location)} sent a web page in its place`,
    { hint: portalHint },
  );
}

function sendsMore(offer: Offer): Fault<DownloadResourceFaultCode> {
  return new Fault(
    "wrong-length",
    `Cannot use ${offer.name}: the server sends more than the ${offer.sizeBytes ?? unboundedBytes} bytes it announced`,
    { hint: "The server is damaged. Nothing was installed; try again later or with another mirror." },
  );
}

function notHere(offer: Offer): Fault<DownloadResourceFaultCode> {
  return new Fault("not-acquired", `Cannot work offline: ${offer.name} has not been downloaded yet, or not all of it`, {
    hint: "Run holdfast update with the network, or give a folder that has it with --from.",
  });
}

function mismatch(offer: Offer, sha256: Sha256): Fault<DownloadResourceFaultCode> {
  return new Fault(
    "digest-mismatch",
    `Cannot use ${offer.name}: what ${withoutSecrets(offer.location)} sent is not what the manifest lists`,
    {
      hint: "The mirror is damaged or in the middle of an upload. Nothing was installed; try again later or with another mirror.",
      retriable: true,
      details: { expected: offer.sha256, got: sha256 },
    },
  );
}
