// Acquire: the bytes of one resource as they travel, into an open file, resumable at any byte (P6).
// A partial is keyed by the digest it is to have, so any mirror may continue it; the digest decides at the end.
import { Fault } from "../../base/fault.ts";
import type { Sha256 } from "../../base/ids.ts";
import type { Offer } from "../../domain/resource.ts";
import type { DiskFile } from "../../port/disk.ts";
import { hashInto } from "./digest-file.ts";
import { retryDelayMs, withoutSecrets } from "./download.ts";
import { Pacer } from "./pacer.ts";
import { PieceWriter } from "./piece-writer.ts";
import { type Traffic, type Way, WayFailed } from "./ways/way.ts";
import { unboundedBytes, wholeWay } from "./ways/whole-way.ts";
import type { Session } from "../session.ts";
import { looksLikeWebPage, portalHint } from "../observe/web-page.ts";

export type DownloadResourceFaultCode = "digest-mismatch" | "wrong-length" | "connection-lost" | "not-acquired";

/** Attempts in a row that bring next to nothing before the update gives up; what is there stays. */
const fruitlessMax = 5;
/** Of a server that says itself that it fails, where there is another way. */
const failuresMax = 2;
/** A line that is cut after every few bytes would otherwise be asked for ever. */
const fruitBytesMin = 4096;

export interface DownloadRequest {
  readonly offer: Offer;
  /** Open for reading and writing; its first `resumeBytes` bytes are continued. */
  readonly file: DiskFile;
  readonly resumeBytes: number;
  /** In the order in which they are tried, the whole file last; it alone where they are absent. */
  readonly ways?: readonly Way[];
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

function isRetriable(error: unknown): error is Fault {
  return error instanceof Fault && error.retriable;
}

/** Bytes that crossed the line in this run, over all ways. */
class Line implements Traffic {
  transferredBytes = 0;
  readonly #pacer: Pacer;

  constructor(session: Session) {
    this.#pacer = new Pacer(session);
  }

  count(bytes: number): void {
    this.transferredBytes += bytes;
  }

  pace(bytes: number): Promise<void> {
    return this.#pacer.pace(bytes);
  }
}

/** From `writer.position` on until the way ends. Throws `WayFailed` when it brings what does not fit. */
async function follow(
  session: Session,
  { offer, onBytes }: DownloadRequest,
  way: Way,
  writer: PieceWriter,
  traffic: Traffic,
): Promise<void> {
  const stream = await way.open(writer.position, traffic);
  if (stream === "complete") return;
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
    if (offer.sizeBytes !== undefined && writer.position + piece.length > offer.sizeBytes)
      throw way.kind === "whole" ? sendsMore(offer) : new WayFailed(makesOther(offer, way));
    await writer.append(piece);
    onBytes(writer.position);
  }
  if (offer.sizeBytes === undefined || writer.position >= offer.sizeBytes) return;
  if (way.kind !== "whole") throw new WayFailed(makesOther(offer, way));
  // Nothing of a page may be kept: continued, it would spoil a download that succeeds later.
  if (isWebPage) throw sentWebPage(offer);
  throw new Fault(
    "connection-lost",
    `Cannot finish ${withoutSecrets(offer.location)}: the server stopped after ${writer.position} of ${offer.sizeBytes} bytes`,
    { retriable: true },
  );
}

/**
 * One run: from `writer.position` to the end, with as many connections as it takes. A way that fails gives place to the
 * next one at the byte that was reached; so does one on which the line brings nothing, with fewer attempts then, since
 * the line may be what fails.
 */
async function pull(
  session: Session,
  request: DownloadRequest,
  ways: readonly Way[],
  writer: PieceWriter,
  traffic: Traffic,
): Promise<void> {
  const { offer } = request;
  const { progress, clock } = session.machine;
  const others = [...ways];
  let way = others.shift();
  for (let fruitless = 0; way !== undefined; ) {
    const before = writer.position;
    try {
      await follow(session, request, way, writer, traffic);
      return;
    } catch (error) {
      session.signal.throwIfAborted();
      if (error instanceof Fault && error.code === "too-large") throw sendsMore(offer);
      const failed = error instanceof WayFailed;
      if (!failed && !isRetriable(error)) throw error;
      fruitless = writer.position - before >= fruitBytesMin ? 0 : fruitless + 1;
      const serverFails = error instanceof Fault && error.code === "server-failed" && others.length > 0;
      if (failed || fruitless >= (serverFails ? failuresMax : fruitlessMax)) {
        const next = others.shift();
        if (next === undefined) {
          const { code, message } = failed ? error.cause : error;
          throw new Fault(code, message, { ...hintOfLoss(), cause: error, retriable: true });
        }
        progress.report({
          kind: "note",
          text: `${error.message}; going on with ${next.title} at byte ${writer.position}`,
        });
        way = next;
        fruitless = failed || serverFails ? 0 : fruitlessMax - 2;
        continue;
      }
      progress.report({ kind: "note", text: `${error.message}; going on at byte ${writer.position}` });
      if (fruitless > 0) await clock.sleep(retryDelayMs(fruitless), session.signal);
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
 * out wrong (a power cut may leave zeros) cost one fresh download; where a delta made something else, because the old file
 * is damaged, chunks tell which of its bytes are good, and without them the whole file comes; a whole file that is wrong is
 * a Fault `digest-mismatch`, left for the caller to remove.
 */
export async function downloadResource(session: Session, request: DownloadRequest): Promise<Downloaded> {
  const { offer, file } = request;
  const line = new Line(session);
  let ways = request.ways ?? [wholeWay(session, offer)];
  for (let start = request.resumeBytes; ; ) {
    const hasher = session.machine.digest.sha256();
    await hashInto(session, file, hasher, start);
    const writer = new PieceWriter(session, file, hasher, start, request.onFlushed);
    try {
      await pull(session, request, ways, writer, line);
    } finally {
      // Also after Ctrl-C: what is here is kept for the next run.
      await writer.drain();
    }
    const sha256 = writer.digest();
    const { transferredBytes } = line;
    if (offer.sha256 === undefined || sha256 === offer.sha256)
      return { sizeBytes: writer.position, sha256, transferredBytes };
    if (session.settings.offline === true && offer.remote) throw notHere(offer);
    const isWhole = ways.every(({ kind }) => kind === "whole");
    if (start === 0 && isWhole)
      throw (await holdsWebPage(file, writer.position)) ? sentWebPage(offer) : mismatch(offer, sha256);
    const tried = ways[0]?.title;
    if (start === 0) ways = withoutUnproven(ways);
    session.machine.progress.report({
      kind: "note",
      text:
        start > 0
          ? `What an earlier run had kept of ${offer.name} did not fit; downloading it again`
          : `What ${tried} made is not ${offer.name}; beginning again with ${ways[0]?.title}`,
    });
    start = 0;
  }
}

/** A delta believes the old file, chunks prove each of its pieces. */
function withoutUnproven(ways: readonly Way[]): readonly Way[] {
  const rest = ways.filter(({ kind }) => kind !== "delta");
  return rest.length < ways.length ? rest : ways.filter(({ kind }) => kind === "whole");
}

/** What came does not make up the resource. */
function makesOther({ name }: Offer, { title }: Way): Fault {
  return new Fault("wrong-length", `Cannot make ${name} of ${title}: what comes out has another length`);
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
