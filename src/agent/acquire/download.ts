// Bytes from a source into memory: small metadata only, bounded, retried when the line fails.
import { Fault } from "../../base/fault.ts";
import type { HttpAnswer } from "../../port/http.ts";
import type { Session } from "../session.ts";
import { readSmall } from "../state/small-file.ts";

export type DownloadFaultCode = "not-on-server" | "server-refused" | "server-failed";

const attempts = 3;

/** Of a path below a server's folder. Published names have `+` for tries, and servers take it as it is. */
export function encodePath(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/").replaceAll("%2B", "+");
}

/** Text for messages: user names, passwords (an @ in them, too) and query strings are secrets. */
export function withoutSecrets(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1").replace(/\?.*$/, "?…");
}

/** What a status other than 200 or 206 means. */
export function faultOfStatus(answer: HttpAnswer, url: string): Fault<DownloadFaultCode> {
  const shown = withoutSecrets(url);
  const { status } = answer;
  if (status === 404 || status === 410) {
    return new Fault("not-on-server", `Cannot download ${shown}: the server does not have it (status ${status})`, {
      hint: "Tell whoever runs the repository; nothing was changed on this machine.",
      details: { url: shown, status },
    });
  }
  if (status >= 500 || status === 408 || status === 429) {
    return new Fault("server-failed", `Cannot download ${shown}: the server failed with status ${status}`, {
      hint: "Try again later; what was downloaded is kept.",
      retriable: true,
      details: { url: shown, status },
    });
  }
  return new Fault("server-refused", `Cannot download ${shown}: the server answered with status ${status}`, {
    hint: "Check the address in the definition and whether the server wants a password or a proxy.",
    details: { url: shown, status },
  });
}

/** Lets go of a body that nobody wants: until somebody looks at it, its transfer keeps a confined child busy. */
export async function leave({ body }: HttpAnswer): Promise<void> {
  try {
    for await (const _ of body) break;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
}

async function collect(body: AsyncIterable<Uint8Array>, maxBytes: number, url: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > maxBytes) {
      throw new Fault("too-large", `Cannot use ${withoutSecrets(url)}: it is larger than ${maxBytes} bytes`);
    }
    pieces.push(piece);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Milliseconds before the n-th retry (from 1): 1 s, 2 s, 4 s, … at most 30 s. */
export function retryDelayMs(retry: number): number {
  return Math.min(30_000, 1000 * 2 ** (retry - 1));
}

/** The whole body of a small resource; `undefined` when the server does not have it. */
async function downloadSmall(session: Session, url: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const { http, clock } = session.machine;
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await http.request({ url, method: "GET", maxBytes }, session.signal);
      if (answer.status !== 200) await leave(answer);
      if (answer.status === 404 || answer.status === 410) return undefined;
      if (answer.status !== 200) throw faultOfStatus(answer, url);
      return await collect(answer.body, maxBytes, url);
    } catch (error) {
      session.signal.throwIfAborted();
      if (!(error instanceof Fault && error.retriable) || attempt >= attempts) throw error;
      await clock.sleep(retryDelayMs(attempt), session.signal);
    }
  }
}

/** A small file of a source that may be a URL or a folder of the machine. */
export async function readFromSource(
  session: Session,
  location: string,
  remote: boolean,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  return remote ? downloadSmall(session, location, maxBytes) : readSmall(session.machine.disk, location, maxBytes);
}
