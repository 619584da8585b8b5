// Sends a stretch of bytes as the body of an answer: at a rate, with a byte turned, broken off or stalled where told.
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Misbehaviour } from "./fault-script.ts";

export interface ByteSource {
  readonly sizeBytes: number;
  readonly etag: string | undefined;
  /** Fills the buffer from this position; answers how much of it. */
  read(buffer: Buffer, position: number): Promise<number>;
}

export interface Stretch {
  readonly first: number;
  readonly length: number;
  readonly bytesPerSecond?: number;
  readonly misbehaviour: Misbehaviour;
  readonly signal: AbortSignal;
  /** Called with the size of each block handed to the socket. */
  readonly onSent: (bytes: number) => void;
}

const blockBytes = 1 << 20;
/** At a limited rate, a block takes about this long, so that displays move smoothly. */
const tickMs = 50;

/** Resolves with the number of bytes handed to the socket when the answer ended, one way or the other. */
export async function sendBytes(response: ServerResponse, source: ByteSource, stretch: Stretch): Promise<number> {
  const { first, length, bytesPerSecond, misbehaviour, signal } = stretch;
  const { cutAfterBytes = Infinity, stallAfterBytes = Infinity, flipByteAt } = misbehaviour;
  const most = Math.min(length, cutAfterBytes, stallAfterBytes);
  const block = bytesPerSecond === undefined ? blockBytes : Math.max(1, Math.floor((bytesPerSecond * tickMs) / 1000));
  const beganMs = performance.now();
  let sent = 0;
  while (sent < most && !response.destroyed && !signal.aborted) {
    // A buffer of its own for each block: the last one may still be on its way to the socket.
    const buffer = Buffer.allocUnsafe(Math.min(block, blockBytes, most - sent));
    const count = await source.read(buffer, first + sent);
    if (count === 0) break;
    const bytes = buffer.subarray(0, count);
    if (flipByteAt !== undefined) flip(bytes, flipByteAt - first - sent);
    response.write(bytes);
    sent += count;
    stretch.onSent(count);
    if (bytesPerSecond !== undefined) await waitUntil(beganMs + (sent / bytesPerSecond) * 1000, signal);
    // It may have drained while we waited for the rate: then no event comes any more.
    if (response.writableNeedDrain && !response.destroyed) await drained(response);
  }
  if (response.destroyed) return sent;
  if (sent === stallAfterBytes && sent < length) await once(response, "close").catch(() => undefined);
  else if ((sent === cutAfterBytes && sent < length) || misbehaviour.contentLengthOff !== undefined)
    await flushThenBreak(response);
  else await ended(response);
  return sent;
}

/** Ends the answer; resolves when it is out or the connection is gone, of which `end` alone says nothing. */
export async function ended(response: ServerResponse): Promise<void> {
  if (response.destroyed) return;
  await new Promise<void>((resolve) => response.once("close", resolve).end(resolve));
}

/** Also ends when the connection does. */
async function drained(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.once("drain", done).once("close", done);
  });
}

/** What was written reaches the other side before the connection breaks, so that a cut is at the byte it says. */
async function flushThenBreak(response: ServerResponse): Promise<void> {
  while (response.writableLength > 0 && !response.destroyed) await sleep(1);
  while ((response.socket?.writableLength ?? 0) > 0 && !response.destroyed) await sleep(1);
  response.socket?.destroy();
}

async function waitUntil(timeMs: number, signal: AbortSignal): Promise<void> {
  const restMs = timeMs - performance.now();
  if (restMs > 1) await sleep(restMs, undefined, { signal }).catch(() => undefined);
}

function flip(bytes: Buffer, index: number): void {
  const value = bytes[index];
  if (value !== undefined) bytes[index] = value ^ 0xff;
}
