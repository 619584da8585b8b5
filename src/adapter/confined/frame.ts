// The frames between us and a confined child: u32 little-endian length, one byte of kind, then so many bytes.
// The child may have been taken over by what it reads, so every length and kind is checked on our side (P9).
import { Fault } from "../../base/fault.ts";

/** `message` and `fault` carry JSON; `data` is cut as the sender likes; `end` is empty. */
export type FrameKind = "message" | "data" | "end" | "fault";

export interface Frame {
  readonly kind: FrameKind;
  readonly bytes: Uint8Array;
}

const kinds: readonly FrameKind[] = ["message", "data", "end", "fault"];
const headBytes = 5;
export const dataBytesMax: number = 1024 * 1024;
/** A header block of HTTP, or a path and its pax records; the request of a transfer carries the system's certificates. */
const messageBytesMax = 4 * 1024 * 1024;

export function frameHead(kind: FrameKind, lengthBytes: number): Uint8Array {
  const head = new Uint8Array(headBytes);
  new DataView(head.buffer).setUint32(0, lengthBytes, true);
  head[4] = kinds.indexOf(kind);
  return head;
}

export function messageFrame(kind: "message" | "fault", value: unknown): readonly [Uint8Array, Uint8Array] {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return [frameHead(kind, bytes.length), bytes];
}

function brokenFrame(state: string): Fault<"worker-failed"> {
  return new Fault("worker-failed", `Cannot read from the confined child: ${state}`);
}

/** Cuts a stream of chunks into frames; data goes out as it comes in, not copied, perhaps in several pieces a frame. */
export class FrameReader {
  readonly #head = new Uint8Array(headBytes);
  #headLength = 0;
  #kind: FrameKind = "end";
  #left = 0;
  #parts: Uint8Array[] = [];

  /** Throws `worker-failed` when the bytes are no frames. */
  *read(chunk: Uint8Array): Generator<Frame> {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#headLength < headBytes) {
        const piece = chunk.subarray(offset, offset + headBytes - this.#headLength);
        this.#head.set(piece, this.#headLength);
        this.#headLength += piece.length;
        offset += piece.length;
        if (this.#headLength < headBytes) return;
        this.#begin();
      } else {
        const piece = chunk.subarray(offset, offset + this.#left);
        offset += piece.length;
        this.#left -= piece.length;
        if (this.#kind === "data") yield { kind: "data", bytes: piece };
        else this.#parts.push(piece);
      }
      if (this.#left > 0) continue;
      this.#headLength = 0;
      if (this.#kind !== "data") yield { kind: this.#kind, bytes: joined(this.#parts) };
      this.#parts = [];
    }
  }

  #begin(): void {
    this.#left = new DataView(this.#head.buffer).getUint32(0, true);
    const kind = kinds[this.#head[4] ?? kinds.length];
    if (kind === undefined) throw brokenFrame("a frame of unknown kind");
    const max = kind === "data" ? dataBytesMax : kind === "end" ? 0 : messageBytesMax;
    if (this.#left > max) throw brokenFrame(`a frame of ${this.#left} bytes`);
    this.#kind = kind;
  }
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = Buffer.allocUnsafeSlow(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** The JSON of a message; anything that is no object is `worker-failed`. */
export function parseMessage(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw brokenFrame("a message that is no JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw brokenFrame("a message that is no object");
  return value as Record<string, unknown>;
}

/** What a `fault` frame says, as a Fault; only the fields that a Fault shows are taken. */
export function parseFault(bytes: Uint8Array): Fault {
  const { code, message, hint, retriable } = parseMessage(bytes);
  if (typeof code !== "string" || typeof message !== "string") throw brokenFrame("a fault without code and message");
  return new Fault(code.slice(0, 60), message.slice(0, 2000), {
    ...(typeof hint === "string" ? { hint: hint.slice(0, 1000) } : {}),
    retriable: retriable === true,
  });
}
