// The plainest way: the file as it lies at its source, from any byte on.
import type { Offer } from "../../../domain/resource.ts";
import type { Session } from "../../session.ts";
import { faultOfStatus, leave } from "../download.ts";
import { streamFile } from "../stream-file.ts";
import type { Stream, Traffic, Way } from "./way.ts";

/** Larger than any image; a server that sends for ever is cut off here when no length is known. */
export const unboundedBytes: number = 2 ** 46;

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

/** Every piece is counted, and handed on when its time has come. */
export async function* counted(body: AsyncIterable<Uint8Array>, traffic: Traffic): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    traffic.count(piece.length);
    await traffic.pace(piece.length);
    yield piece;
  }
}

export function wholeWay(session: Session, offer: Offer): Way {
  return {
    kind: "whole",
    title: "the whole file",
    open: async (fromByte, traffic) => {
      const stream = offer.remote
        ? await openRemote(session, offer, fromByte)
        : { startsAt: fromByte, body: streamFile(session, offer.location, fromByte) };
      return stream === "complete" ? stream : { ...stream, body: counted(stream.body, traffic) };
    },
  };
}
