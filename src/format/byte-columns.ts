// Columns of whole numbers as bytes: values of one kind next to one another compress far better than records do.
// A column is its length in bytes and then its numbers, each in groups of seven bits, lowest first (LEB128).
import { Fault } from "../base/fault.ts";

/** 2^53 - 1 takes eight groups of seven bits. */
const groupsMax = 8;

function damaged(why: string): Fault {
  return new Fault("columns-damaged", `Cannot read the numbers of a delta: ${why}`);
}

/** Numbers of one column, written one after another. */
export class ColumnWriter {
  #bytes = new Uint8Array(64);
  #length = 0;

  /** Whole and from 0 to 2^53 - 1. */
  put(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#push((rest % 0x80) | 0x80);
    this.#push(rest);
  }

  /** Negative ones as well, small ones in few bytes. */
  putSigned(value: number): void {
    this.put(value < 0 ? -value * 2 - 1 : value * 2);
  }

  putBytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.#push(byte);
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }
}

/** Numbers of one column, read one after another; throws a Fault (`columns-damaged`) for what no writer writes. */
export class ColumnReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(): number {
    let value = 0;
    let unit = 1;
    for (let group = 0; group < groupsMax; group += 1, unit *= 0x80) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw damaged("a column ends early");
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) throw damaged("a number is too large");
        return value;
      }
    }
    throw damaged("a number is too long");
  }

  takeSigned(): number {
    const value = this.take();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  takeBytes(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw damaged("a column ends early");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Throws when numbers are left over. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw damaged("a column has more than its numbers");
  }
}

/** Each column behind its length. */
export function joinColumns(columns: readonly ColumnWriter[]): Uint8Array {
  const joined = new ColumnWriter();
  for (const column of columns) {
    joined.put(column.bytes().length);
    joined.putBytes(column.bytes());
  }
  return joined.bytes();
}

/** Exactly `count` columns and nothing behind them. */
export function splitColumns(bytes: Uint8Array, count: number): readonly ColumnReader[] {
  const all = new ColumnReader(bytes);
  const columns: ColumnReader[] = [];
  for (let index = 0; index < count; index += 1) columns.push(new ColumnReader(all.takeBytes(all.take())));
  all.end();
  return columns;
}
