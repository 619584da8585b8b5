// Takes exact numbers of bytes from a stream of pieces of any size.

export class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array();

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#source = input[Symbol.asyncIterator]();
  }

  /** `count` bytes, or fewer where the stream ends. */
  async take(count: number): Promise<Uint8Array> {
    const taken = new Uint8Array(count);
    let filled = 0;
    while (filled < count && (await this.#fill())) {
      const part = this.#piece.subarray(0, count - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#piece = this.#piece.subarray(part.length);
    }
    return taken.subarray(0, filled);
  }

  /** A line without its end; `undefined` where the stream ends before one, or the line is longer than `maxBytes`. */
  async line(maxBytes: number): Promise<string | undefined> {
    const bytes: number[] = [];
    while (bytes.length <= maxBytes) {
      const [byte] = await this.take(1);
      if (byte === undefined) return undefined;
      if (byte === 10) return new TextDecoder().decode(Uint8Array.from(bytes));
      bytes.push(byte);
    }
    return undefined;
  }

  async #fill(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) return false;
      this.#piece = next.value;
    }
    return true;
  }
}
