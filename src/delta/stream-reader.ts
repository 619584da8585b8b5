// Takes exact lengths from a stream of pieces of any size, holding no more than one piece and what was asked for.
import { Fault } from "../base/fault.ts";

export class StreamReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Throws a Fault (`delta-cut`) when the stream ends before. */
  async take(length: number): Promise<Uint8Array> {
    const taken = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      if (this.#rest.length === 0) {
        const next = await this.#pieces.next();
        if (next.done === true)
          throw new Fault("delta-cut", "Cannot fetch the delta: the server ended it early", { retriable: true });
        this.#rest = next.value;
        continue;
      }
      const count = Math.min(this.#rest.length, length - at);
      taken.set(this.#rest.subarray(0, count), at);
      this.#rest = this.#rest.subarray(count);
      at += count;
    }
    return taken;
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}
