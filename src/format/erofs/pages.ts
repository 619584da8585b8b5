// Small reads from a large image: pages are kept for a while, because metadata lies close together.
import type { ByteReader } from "../pe.ts";
import { notUnderstood } from "./not-understood.ts";

const pageBytes = 64 << 10;
const pagesKept = 128;

export class Pages implements ByteReader {
  readonly sizeBytes: number;
  readonly #image: ByteReader;
  readonly #pages = new Map<number, Uint8Array>();

  constructor(image: ByteReader) {
    this.sizeBytes = image.sizeBytes;
    this.#image = image;
  }

  /** Throws a Fault (`erofs-not-understood`) for what is not within the image. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    if (!Number.isSafeInteger(offset) || offset < 0 || !(length >= 0) || offset + length > this.sizeBytes)
      throw notUnderstood("something lies outside of it");
    const first = Math.floor(offset / pageBytes);
    const start = offset - first * pageBytes;
    const page = await this.#page(first);
    if (start + length <= page.length) return page.subarray(start, start + length);
    const joined = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const number = Math.floor((offset + at) / pageBytes);
      const from = offset + at - number * pageBytes;
      const part = (await this.#page(number)).subarray(from, from + length - at);
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  async #page(number: number): Promise<Uint8Array> {
    const kept = this.#pages.get(number);
    if (kept !== undefined) return kept;
    const length = Math.min(pageBytes, Math.max(0, this.sizeBytes - number * pageBytes));
    const page = await this.#image.read(number * pageBytes, length);
    if (page.length < length) throw notUnderstood("it ends early");
    if (this.#pages.size >= pagesKept) {
      const [oldest] = this.#pages.keys();
      if (oldest !== undefined) this.#pages.delete(oldest);
    }
    this.#pages.set(number, page);
    return page;
  }
}
