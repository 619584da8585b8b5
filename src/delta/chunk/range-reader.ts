// Reads a range of a pack from front to back as it comes, holding one piece and what was asked for.
import { Fault } from "../../base/fault.ts";

export class RangeReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);
  /** Offset in the file of the next byte. */
  #at: number;

  /** `pieces` begin at `offset` of the file. */
  constructor(pieces: AsyncIterable<Uint8Array>, offset: number) {
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#at = offset;
  }

  /** `length` bytes from `offset` on, which must not lie before what was read. Fault `pack-cut` where it ends earlier. */
  async take(offset: number, length: number): Promise<Uint8Array> {
    while (this.#at < offset) this.#drop((await this.#some(offset - this.#at)).length);
    const first = await this.#some(length);
    if (first.length === length) {
      this.#drop(length);
      return first;
    }
    const taken = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      const part = await this.#some(length - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#drop(part.length);
    }
    return taken;
  }

  /** After the last byte that is needed: lets the transfer come to its end, so that its connection can serve the next. */
  async finish(): Promise<void> {
    const next = await this.#pieces.next();
    if (next.done !== true) await this.close();
  }

  /** Breaks the transfer off. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  /** At least one byte and at most `lengthMax` of what comes next, still there. */
  async #some(lengthMax: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const next = await this.#pieces.next();
      if (next.done === true)
        throw new Fault("pack-cut", "Cannot fetch chunks: the server ended a pack early", { retriable: true });
      this.#rest = next.value;
    }
    return this.#rest.subarray(0, lengthMax);
  }

  #drop(length: number): void {
    this.#rest = this.#rest.subarray(length);
    this.#at += length;
  }
}
