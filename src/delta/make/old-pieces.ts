// What is known of the old file while a delta is made: its pieces by digest, by resemblance, by file and by place.
import { hash } from "node:crypto";
import { FingerprintIndex } from "./fingerprint-index.ts";
import { sampleHashes } from "./fingerprints.ts";
import { tryDecode } from "./find-encoder.ts";
import type { Piece, PiecedFile } from "./pieces.ts";
import { readInOrder } from "./read-in-order.ts";
import { readRange } from "../read-fully.ts";
import { release } from "../release.ts";

/** More samples of one piece are not needed to know it again. */
export const samplesMax = 4096;
const cacheBytes = 96 << 20;

export function digestOf(bytes: Uint8Array): string {
  return hash("sha256", bytes, "base64");
}

export class OldPieces {
  readonly file: PiecedFile;
  readonly #index = new FingerprintIndex();
  readonly #byDigest = new Map<string, number>();
  readonly #digests: string[] = [];
  /** Of each file of the image, in the order of the image. */
  readonly #ofFile = new Map<number, number[]>();
  /** Clusters that do not decode to what the image says are taken as they are. */
  readonly #undecoded = new Set<number>();
  readonly #cache = new Map<number, Uint8Array>();
  #cached = 0;

  constructor(file: PiecedFile) {
    this.file = file;
  }

  /** Reads the old file once. */
  async scan(onBytes: (bytes: number) => void): Promise<void> {
    const samples = new Uint32Array(samplesMax);
    let index = -1;
    for await (const stored of readInOrder(this.file.bytes, this.file.pieces)) {
      index += 1;
      const piece = this.file.pieces[index] as Piece;
      const digest = digestOf(stored);
      this.#digests.push(digest);
      if (!this.#byDigest.has(digest)) this.#byDigest.set(digest, index);
      const plain = piece.plainLength === 0 ? stored : tryDecode(stored, piece.plainLength);
      if (plain === undefined) this.#undecoded.add(index);
      const count = sampleHashes(plain ?? stored, samples);
      for (let at = 0; at < count; at += 1) this.#index.add(samples[at] as number, index);
      if (plain !== undefined && plain !== stored) release(plain);
      const own = this.#ofFile.get(piece.file);
      if (own === undefined) this.#ofFile.set(piece.file, [index]);
      else own.push(index);
      onBytes(piece.length);
    }
  }

  /** The piece with these bytes, the one behind `previous` before any other; -1 where there is none. */
  withDigest(digest: string, previous: number): number {
    if (this.#digests[previous + 1] === digest) return previous + 1;
    return this.#byDigest.get(digest) ?? -1;
  }

  /** The piece that has a sampled hash, or -1. */
  withSample(sample: number): number {
    return this.#index.find(sample);
  }

  ofFile(file: number): readonly number[] {
    return this.#ofFile.get(file) ?? [];
  }

  /** The piece that a byte of the file lies in, or -1. */
  at(offset: number): number {
    const { pieces } = this.file;
    let low = 0;
    let high = pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((pieces[middle] as Piece).offset <= offset) low = middle;
      else high = middle - 1;
    }
    return pieces.length === 0 ? -1 : low;
  }

  /** As a delta refers to it. */
  range(index: number): { readonly offset: number; readonly length: number; readonly plainLength: number } {
    const { offset, length, plainLength } = this.file.pieces[index] as Piece;
    return { offset, length, plainLength: this.#undecoded.has(index) ? 0 : plainLength };
  }

  /** Length of its content. */
  contentLength(index: number): number {
    const { length, plainLength } = this.range(index);
    return plainLength === 0 ? length : plainLength;
  }

  async content(index: number): Promise<Uint8Array> {
    const kept = this.#cache.get(index);
    if (kept !== undefined) return kept;
    const { offset, length, plainLength } = this.range(index);
    const stored = await readRange(this.file.bytes, offset, length);
    const content = plainLength === 0 ? stored : (tryDecode(stored, plainLength) ?? stored);
    this.#cache.set(index, content);
    this.#cached += content.length;
    for (const [oldest, bytes] of this.#cache) {
      if (this.#cached <= cacheBytes) break;
      this.#cache.delete(oldest);
      this.#cached -= bytes.length;
    }
    return content;
  }
}
