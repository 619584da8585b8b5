// A way in which the bytes of one resource come here: the file itself, a delta, chunks. Every way makes the same bytes, in
// order, from any of them on, so that one may go on where another one failed (issue 5, "Transfer engine").
import { Fault } from "../../../base/fault.ts";
import type { WayKind } from "../../../domain/ways.ts";

export interface Stream {
  /** Offset in the resource at which the body begins. */
  readonly startsAt: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Bytes that cross the line, whatever they become: counted, and held back where a rate was set. */
export interface Traffic {
  count(bytes: number): void;
  pace(bytes: number): Promise<void>;
}

export interface Way {
  readonly kind: WayKind;
  /** In words, for progress: "a delta from version 4". */
  readonly title: string;
  /** Throws what a line does (retriable), or `WayFailed` when this way leads nowhere. */
  open(fromByte: number, traffic: Traffic): Promise<Stream | "complete">;
}

/** The way itself fails, not the line: another one may go on from the same byte. */
export class WayFailed extends Error {
  override readonly cause: Fault;

  constructor(cause: Fault) {
    super(cause.message, { cause });
    this.name = "WayFailed";
    this.cause = cause;
  }
}

/** What a line did wrong is tried again on the same way; any other Fault is the way's own. */
export function failureOf(error: unknown): unknown {
  return error instanceof Fault && !error.retriable ? new WayFailed(error) : error;
}

export async function* owning(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw failureOf(error);
  }
}
