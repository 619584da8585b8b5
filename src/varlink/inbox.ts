// What came in over a connection and waits to be looked at: whole messages, in bounded number and time.
import { Fault } from "../base/fault.ts";
import { messageBytesMax, MessageReader } from "./message.ts";

/** Calls `run` after that time, unless what it returned is disposed of before. */
export type Timer = (milliseconds: number, run: () => void) => Disposable;

export interface Patience {
  /** From the first byte of a message to its last. */
  readonly messageMs: number;
  /** Without a call. */
  readonly idleMs: number;
}

export const usualPatience: Patience = { messageMs: 10_000, idleMs: 60_000 };

/** Characters of calls that wait for the one before them. */
const waitingMax = 2 * messageBytesMax;

export class Inbox {
  readonly #reader = new MessageReader();
  readonly #after: Timer;
  readonly #patience: Patience;
  readonly #gone = new AbortController();
  readonly #texts: string[] = [];
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(after: Timer, patience: Patience) {
    this.#after = after;
    this.#patience = patience;
  }

  /** Fires when nothing more comes in: the caller is gone, or is not listened to any more. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Takes in all that comes; never throws. */
  async fill(incoming: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const bytes of incoming) {
        if (this.gone.aborted) return;
        this.#texts.push(...this.#reader.push(bytes));
        const waiting = this.#texts.reduce((sum, text) => sum + text.length + 1, 0);
        if (waiting > waitingMax) throw new Fault("bad-message", "Cannot read Varlink messages: too many wait");
        this.#wake();
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#gone.abort();
    this.#wake();
  }

  /** The next message; `undefined` when there is none any more. Throws what ended the connection. */
  async next(): Promise<string | undefined> {
    using _idle = this.#after(this.#patience.idleMs, () => this.close());
    let overdue: Disposable | undefined;
    try {
      while (this.#texts.length === 0 && !this.gone.aborted) {
        if (this.#reader.pendingBytes > 0) overdue ??= this.#after(this.#patience.messageMs, () => this.#giveUp());
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      overdue?.[Symbol.dispose]();
    }
    if (this.#failure !== undefined) throw this.#failure;
    return this.#texts.shift();
  }

  #giveUp(): void {
    this.#failure = new Fault("bad-message", "Cannot read a Varlink message: its end did not come in time");
    this.close();
  }
}
