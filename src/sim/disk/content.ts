// What a simulated file holds: an immutable row of extents, shared between every fork of a disk.
import { fillPattern, isPattern, recognisePattern } from "./pattern.ts";

type Extent =
  | { readonly kind: "bytes"; readonly sizeBytes: number; readonly bytes: Uint8Array }
  | { readonly kind: "zero"; readonly sizeBytes: number }
  | { readonly kind: "pattern"; readonly sizeBytes: number; readonly seed: number; readonly offset: number };

/** An immutable string of bytes of any length. */
export class Content {
  static readonly empty: Content = new Content([]);
  readonly sizeBytes: number;
  readonly #extents: readonly Extent[];
  #key: string | undefined;
  #derived: Map<unknown, unknown> | undefined;

  private constructor(extents: readonly Extent[]) {
    this.#extents = extents;
    this.sizeBytes = extents.reduce((sum, extent) => sum + extent.sizeBytes, 0);
  }

  /** Copies `bytes`; a piece of a pattern, or zeros, are kept as such. */
  static of(bytes: Uint8Array): Content {
    if (bytes.length === 0) return Content.empty;
    const pattern = recognisePattern(bytes);
    if (pattern !== undefined) return new Content([{ kind: "pattern", sizeBytes: bytes.length, ...pattern }]);
    if (bytes[0] === 0 && bytes.every((byte) => byte === 0)) return Content.zeros(bytes.length);
    return new Content([{ kind: "bytes", sizeBytes: bytes.length, bytes: bytes.slice() }]);
  }

  static text(text: string): Content {
    return Content.of(new TextEncoder().encode(text));
  }

  static zeros(sizeBytes: number): Content {
    return sizeBytes === 0 ? Content.empty : new Content([{ kind: "zero", sizeBytes }]);
  }

  /** Bytes that look random and are the same for the same seed; they take no memory. */
  static pattern(seed: number, sizeBytes: number): Content {
    if (sizeBytes === 0) return Content.empty;
    return new Content([{ kind: "pattern", sizeBytes, seed: seed >>> 0, offset: 0 }]);
  }

  static join(...parts: readonly Content[]): Content {
    const extents: Extent[] = [];
    for (const part of parts) for (const extent of part.#extents) append(extents, extent);
    return extents.length === 0 ? Content.empty : new Content(extents);
  }

  slice(from: number, to: number = this.sizeBytes): Content {
    const start = Math.min(from, this.sizeBytes);
    const end = Math.min(to, this.sizeBytes);
    if (start === 0 && end === this.sizeBytes) return this;
    const extents: Extent[] = [];
    let at = 0;
    for (const extent of this.#extents) {
      const first = Math.max(start - at, 0);
      const last = Math.min(end - at, extent.sizeBytes);
      if (first < last) extents.push(cut(extent, first, last));
      at += extent.sizeBytes;
    }
    return extents.length === 0 ? Content.empty : new Content(extents);
  }

  /** `piece` laid over this from `offset`; a gap before it is zero. */
  with(offset: number, piece: Content): Content {
    if (piece.sizeBytes === 0) return this;
    return Content.join(
      this.resized(Math.min(offset, this.sizeBytes)),
      Content.zeros(Math.max(0, offset - this.sizeBytes)),
      piece,
      this.slice(offset + piece.sizeBytes),
    );
  }

  resized(sizeBytes: number): Content {
    if (sizeBytes <= this.sizeBytes) return this.slice(0, sizeBytes);
    return Content.join(this, Content.zeros(sizeBytes - this.sizeBytes));
  }

  /** Fills `into` from `offset`; returns how many bytes there were. */
  readInto(offset: number, into: Uint8Array): number {
    let at = 0;
    let filled = 0;
    for (const extent of this.#extents) {
      const first = Math.max(offset - at, 0);
      const last = Math.min(offset + into.length - at, extent.sizeBytes);
      if (first < last) {
        fill(extent, first, into.subarray(filled, filled + last - first));
        filled += last - first;
      }
      at += extent.sizeBytes;
      if (at >= offset + into.length) break;
    }
    return filled;
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.sizeBytes);
    this.readInto(0, bytes);
    return bytes;
  }

  /** The same for equal bytes however they were written, as far as extents tell; for comparing states. */
  key(): string {
    this.#key ??= keyOf(this.#extents);
    return this.#key;
  }

  /** What `make` makes of it, made once. */
  derived<T>(make: (content: Content) => T): T {
    const known = this.#derived?.get(make);
    if (known !== undefined) return known as T;
    const made = make(this);
    this.#derived ??= new Map();
    this.#derived.set(make, made);
    return made;
  }

  equals(other: Content): boolean {
    return this === other || (this.sizeBytes === other.sizeBytes && this.key() === other.key());
  }
}

function cut(extent: Extent, first: number, last: number): Extent {
  const sizeBytes = last - first;
  switch (extent.kind) {
    case "bytes": {
      const bytes = extent.bytes.subarray(first, last);
      // Without the byte that was wrong it may be a piece of a pattern.
      const pattern = recognisePattern(bytes);
      return pattern === undefined ? { kind: "bytes", sizeBytes, bytes } : { kind: "pattern", sizeBytes, ...pattern };
    }
    case "zero":
      return { kind: "zero", sizeBytes };
    case "pattern":
      return { kind: "pattern", sizeBytes, seed: extent.seed, offset: extent.offset + first };
  }
}

function fill(extent: Extent, first: number, into: Uint8Array): void {
  switch (extent.kind) {
    case "bytes":
      into.set(extent.bytes.subarray(first, first + into.length));
      break;
    case "zero":
      into.fill(0);
      break;
    case "pattern":
      fillPattern(extent.seed, extent.offset + first, into);
      break;
  }
}

/** Appends, melting a piece that continues the pattern or the zeros before it, so that chunk sizes leave no trace. */
function append(extents: Extent[], next: Extent): void {
  const last = extents.at(-1);
  if (last?.kind === "zero" && next.kind === "zero") {
    extents[extents.length - 1] = { kind: "zero", sizeBytes: last.sizeBytes + next.sizeBytes };
    return;
  }
  if (last?.kind === "pattern") {
    const end = last.offset + last.sizeBytes;
    const goesOn =
      (next.kind === "pattern" && next.seed === last.seed && next.offset === end) ||
      (next.kind === "bytes" && next.sizeBytes < 64 && isPattern(last.seed, end, next.bytes));
    if (goesOn) {
      extents[extents.length - 1] = { ...last, sizeBytes: last.sizeBytes + next.sizeBytes };
      return;
    }
  }
  if (next.kind === "pattern" && last?.kind === "bytes" && last.sizeBytes < 64) {
    const start = next.offset - last.sizeBytes;
    if (start >= 0 && isPattern(next.seed, start, last.bytes)) {
      extents[extents.length - 1] = { ...next, offset: start, sizeBytes: last.sizeBytes + next.sizeBytes };
      return;
    }
  }
  extents.push(next);
}

function keyOf(extents: readonly Extent[]): string {
  const parts: string[] = [];
  let run: Extent[] = [];
  const endRun = (): void => {
    if (run.length > 0) parts.push(hashRun(run));
    run = [];
  };
  for (const extent of extents) {
    if (extent.kind !== "pattern") {
      run.push(extent);
      continue;
    }
    endRun();
    parts.push(`p${extent.seed}@${extent.offset}+${extent.sizeBytes}`);
  }
  endRun();
  return parts.join();
}

const lowPrime = 0x01000193;
const highPrime = 0x85ebca6b;

/**
 * Two lanes of FNV-1a: told apart well enough for states of a simulation, where nobody plans a collision. A run of
 * zeros multiplies by a power of the prime, so that it counts the same whether it was written or left out.
 */
function hashRun(run: readonly Extent[]): string {
  let low = 0x811c9dc5;
  let high = 0x7f4a7c15;
  let sizeBytes = 0;
  for (const extent of run) {
    sizeBytes += extent.sizeBytes;
    if (extent.kind === "bytes") {
      for (const byte of extent.bytes) {
        low = Math.imul(low ^ byte, lowPrime);
        high = Math.imul(high ^ Math.imul(byte, 0x10dcd), highPrime);
      }
    } else {
      low = Math.imul(low, power(lowPrime, extent.sizeBytes));
      high = Math.imul(high, power(highPrime, extent.sizeBytes));
    }
  }
  return `b${sizeBytes}:${(low >>> 0).toString(36)}.${(high >>> 0).toString(36)}`;
}

/** Modulo 2^32. */
function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = Math.imul(result, square);
    square = Math.imul(square, square);
  }
  return result;
}
