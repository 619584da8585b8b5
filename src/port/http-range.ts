// What an answer to a request for a range must be, checked alike by every Http: a server that sends other bytes than
// were asked for is noticed before anyone takes them for the right ones (P9).
import { Fault } from "../base/fault.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";

/** RFC 9110 14.4. */
const contentRange = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/;

/** The value of the Range header, or `undefined` where the whole file is asked for (RFC 9110 14.2). */
export function rangeHeader({ offset = 0, length }: Pick<HttpRequest, "offset" | "length">): string | undefined {
  if (length !== undefined) return `bytes=${offset}-${offset + length - 1}`;
  return offset > 0 ? `bytes=${offset}-` : undefined;
}

/**
 * How many bytes the body must have, where that is known: for a request with `length` that succeeded. Throws `no-ranges`
 * where the server sends the whole file instead, and `bad-answer` where it sends another range.
 */
export function expectedBytes(
  { offset = 0, length, method }: HttpRequest,
  { status, headers }: Pick<HttpAnswer, "status" | "headers">,
  shownUrl: string,
): number | undefined {
  if (length === undefined || method === "HEAD") return undefined;
  if (status === 200) {
    // All there is, and just what was wanted.
    if (offset === 0 && headers["content-length"] === String(length)) return length;
    throw new Fault("no-ranges", `Cannot fetch a part of ${shownUrl}: the server sends whole files only`, {
      hint: "Updates that need less than whole files want a server that serves ranges; most do unless told otherwise.",
    });
  }
  if (status !== 206) return undefined;
  const [, first, last, total] = contentRange.exec(headers["content-range"] ?? "") ?? [];
  const end = total === undefined || total === "*" ? offset + length : Math.min(offset + length, Number(total));
  if (Number(first) === offset && Number(last) === end - 1 && end > offset) return end - offset;
  throw new Fault(
    "bad-answer",
    `Cannot fetch a part of ${shownUrl}: the server sends another part than it was asked for`,
  );
}

/** The same bytes; throws `connection-lost` where fewer come than `bytes`, and `too-large` where more do. */
export async function* exactly(
  body: AsyncIterable<Uint8Array>,
  bytes: number,
  shownUrl: string,
): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const piece of body) {
    seen += piece.length;
    if (seen > bytes) throw new Fault("too-large", `Cannot fetch ${shownUrl}: more than ${bytes} bytes come`);
    yield piece;
  }
  if (seen === bytes) return;
  throw new Fault("connection-lost", `Cannot fetch ${shownUrl}: ${seen} of ${bytes} bytes came`, { retriable: true });
}
