// Files of a repository that a release's manifest names: parts of them as they come, and small ones whole and proven (P9).
import { Fault } from "../../../base/fault.ts";
import { joinPath } from "../../../base/machine-path.ts";
import type { FetchRange } from "../../../delta/reader.ts";
import type { OfferManifest } from "../../../domain/resource.ts";
import type { ReleaseFile } from "../../../format/release-files.ts";
import type { Session } from "../../session.ts";
import { encodePath, faultOfStatus, leave, retryDelayMs } from "../download.ts";
import { piecesOf } from "../stream-file.ts";
import type { Traffic } from "./way.ts";
import { counted } from "./whole-way.ts";

/** Where a repository lies. */
export interface RepositoryPlace extends Pick<OfferManifest, "folder"> {
  readonly remote: boolean;
}

function addressOf({ folder, remote }: RepositoryPlace, name: string): string {
  if (!remote) return joinPath(folder, name);
  return `${folder}/${encodePath(name)}`;
}

async function* remoteRange(
  session: Session,
  url: string,
  offset: number,
  length: number,
  traffic: Traffic,
): AsyncGenerator<Uint8Array> {
  const answer = await session.machine.http.request(
    { url, method: "GET", offset, length, maxBytes: length },
    session.signal,
  );
  if (answer.status !== 206 && answer.status !== 200) {
    await leave(answer);
    throw faultOfStatus(answer, url);
  }
  for await (const piece of counted(answer.body, traffic)) {
    session.signal.throwIfAborted();
    yield piece;
  }
}

async function* localRange(session: Session, path: string, offset: number, length: number): AsyncGenerator<Uint8Array> {
  await using file = await session.machine.disk.open(path, "read");
  yield* piecesOf(session, file, offset, offset + length);
}

/** What comes may be other bytes than were published; its reader compares digests. */
export function rangesOf(session: Session, place: RepositoryPlace, traffic: Traffic): FetchRange {
  return ({ name }, offset, length) =>
    place.remote
      ? remoteRange(session, addressOf(place, name), offset, length, traffic)
      : localRange(session, addressOf(place, name), offset, length);
}

const attempts = 3;

/**
 * A small file as the signed manifest names it, all of it, compared with its digest. A line that fails is tried again.
 * Faults: those of the line, and `release-file-damaged` for other bytes.
 */
export async function fetchProven(
  session: Session,
  place: RepositoryPlace,
  file: ReleaseFile,
  maxBytes: number,
  traffic: Traffic,
): Promise<Uint8Array> {
  const damaged = (why: string): Fault =>
    new Fault("release-file-damaged", `Cannot use ${file.name}: ${why}`, {
      hint: "The mirror is damaged or in the middle of an upload.",
    });
  if (file.sizeBytes > maxBytes) throw damaged(`it has ${file.sizeBytes} bytes`);
  for (let attempt = 1; ; attempt++) {
    try {
      const bytes = await fetchStart(rangesOf(session, place, traffic), file, file.sizeBytes);
      const hasher = session.machine.digest.sha256();
      hasher.update(bytes);
      if (hasher.finish() === file.sha256) return bytes;
      throw damaged("it is not the file that was published");
    } catch (error) {
      session.signal.throwIfAborted();
      if (!(error instanceof Fault && error.retriable) || attempt >= attempts) throw error;
      await session.machine.clock.sleep(retryDelayMs(attempt), session.signal);
    }
  }
}

/** The bytes [0, `length`) of a file, all there. Faults: those of the line, and `connection-lost` for fewer. */
export async function fetchStart(fetch: FetchRange, file: ReleaseFile, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  if (length > 0) {
    for await (const piece of fetch(file, 0, length)) {
      if (at + piece.length > length)
        throw new Fault("too-large", `Cannot use ${file.name}: more comes than was asked for`);
      bytes.set(piece, at);
      at += piece.length;
    }
  }
  if (at === length) return bytes;
  throw new Fault("connection-lost", `Cannot fetch ${file.name}: ${at} of ${length} bytes came`, { retriable: true });
}
