// For tests: a connection that a test writes, and a clock that it moves.
import type { Patience, Timer } from "./inbox.ts";
import { messageBytes } from "./message.ts";
import { serve } from "./serve.ts";
import type { Service } from "./service.ts";

const text = new TextEncoder();

/** A time that passes when a test says so. */
class SampleTime {
  #nowMs = 0;
  readonly #waiting: Set<{ readonly atMs: number; readonly run: () => void }> = new Set();

  readonly after: Timer = (milliseconds, run) => {
    const entry = { atMs: this.#nowMs + milliseconds, run };
    this.#waiting.add(entry);
    return { [Symbol.dispose]: () => void this.#waiting.delete(entry) };
  };

  pass(milliseconds: number): void {
    this.#nowMs += milliseconds;
    for (const entry of this.#waiting) {
      if (entry.atMs > this.#nowMs) continue;
      this.#waiting.delete(entry);
      entry.run();
    }
  }
}

/** One client of a service. */
export class SampleClient {
  readonly time: SampleTime = new SampleTime();
  readonly stop: AbortController = new AbortController();
  /** Replies that no test took yet, without the NUL. */
  readonly replies: string[] = [];
  /** What the server says has not left yet. */
  unsentBytes = 0;
  /** The end of the connection. */
  readonly served: Promise<void>;
  readonly #pieces: Uint8Array[] = [];
  #open = true;
  #wake: () => void = () => undefined;
  #replied: () => void = () => undefined;

  constructor(service: Service, patience: Patience = { messageMs: 1000, idleMs: 5000 }) {
    this.served = serve({
      connection: {
        incoming: this.#incoming(),
        unsentBytes: () => this.unsentBytes,
        send: (bytes) => {
          this.replies.push(new TextDecoder().decode(bytes.subarray(0, -1)));
          this.#replied();
        },
      },
      service,
      stop: this.stop.signal,
      after: this.time.after,
      patience,
    });
  }

  /** Bytes, text, or a call. */
  send(what: Uint8Array | string | { readonly method: string; readonly parameters?: object }): this {
    const bytes = what instanceof Uint8Array ? what : typeof what === "string" ? text.encode(what) : messageBytes(what);
    this.#pieces.push(bytes);
    this.#wake();
    return this;
  }

  /** Closes its end. */
  close(): this {
    this.#open = false;
    this.#wake();
    return this;
  }

  /** The next reply, when it is there. */
  async reply(): Promise<unknown> {
    for (;;) {
      const reply = this.replies.shift();
      if (reply !== undefined) return JSON.parse(reply);
      await new Promise<void>((resolve) => (this.#replied = resolve));
    }
  }

  async *#incoming(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) yield piece;
      else if (!this.#open) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
