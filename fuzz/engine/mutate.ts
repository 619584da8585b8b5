// Makes a new input from those that reached something: bytes, numbers, words of the format, lines and pieces of others.
import type { SeededRandom } from "../../src/base/random.ts";

export interface Mutations {
  readonly random: SeededRandom;
  /** Words and numbers of the format, as bytes. */
  readonly dictionary: readonly Uint8Array[];
  readonly lengthMax: number;
  /** Another input, to take pieces from. */
  readonly other: () => Uint8Array;
}

const edgeNumbers = [
  0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
];
const edgeTexts = [
  "0",
  "1",
  "-1",
  "255",
  "65536",
  "2147483648",
  "4294967295",
  "9007199254740992",
  "18446744073709551615",
];
const oddTexts = [
  "\0",
  "\n",
  "\r\n",
  "\t",
  " ",
  "\u00e9",
  "\u{1f600}",
  "\ufeff",
  "\x1b[2J",
  "..",
  "/",
  "\\",
  "%",
  '"',
  "'",
  "{",
  "[",
  "]",
];
const oddBytes = oddTexts.map((text) => new TextEncoder().encode(text));

type Mutation = (bytes: Uint8Array, how: Mutations) => Uint8Array;

function replaced(bytes: Uint8Array, from: number, to: number, by: Uint8Array): Uint8Array {
  const made = new Uint8Array(from + by.length + bytes.length - to);
  made.set(bytes.subarray(0, from));
  made.set(by, from);
  made.set(bytes.subarray(to), from + by.length);
  return made;
}

/** A range, short ones more often than long ones. */
function range(bytes: Uint8Array, { random }: Mutations): [from: number, to: number] {
  const from = random.below(bytes.length + 1);
  const lengthMax = Math.min(bytes.length - from, 1 << random.below(10));
  return [from, from + random.below(lengthMax + 1)];
}

function inPlace(change: (bytes: Uint8Array, at: number, how: Mutations) => void): Mutation {
  return (bytes, how) => {
    if (bytes.length === 0) return bytes;
    const made = bytes.slice();
    change(made, how.random.below(made.length), how);
    return made;
  };
}

function wide(change: (view: DataView, at: number, little: boolean, how: Mutations) => void): Mutation {
  return inPlace((bytes, at, how) => {
    if (bytes.length < 4) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    change(view, Math.min(at, bytes.length - 4), how.random.chance(0.5), how);
  });
}

/** Lines with their ends. */
function lines(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0x0a, from);
    const to = end < 0 ? bytes.length : end + 1;
    found.push(bytes.subarray(from, to));
    from = to;
  }
  return found;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const made = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

const word = ({ random, dictionary }: Mutations): Uint8Array =>
  (dictionary.length > 0 && random.chance(0.8) ? dictionary[random.below(dictionary.length)] : undefined) ??
  (oddBytes[random.below(oddBytes.length)] as Uint8Array);

const mutations: readonly Mutation[] = [
  inPlace((bytes, at, { random }) => {
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
  }),
  inPlace((bytes, at, { random }) => {
    bytes[at] = random.below(256);
  }),
  inPlace((bytes, at, { random }) => {
    bytes[at] = (bytes[at] as number) + random.below(33) - 16;
  }),
  wide((view, at, little, { random }) => {
    view.setUint32(at, edgeNumbers[random.below(edgeNumbers.length)] as number, little);
  }),
  wide((view, at, little, { random }) => {
    view.setUint16(at, edgeNumbers[random.below(edgeNumbers.length)] as number, little);
  }),
  wide((view, at, little, { random }) =>
    view.setUint32(at, view.getUint32(at, little) + random.below(65) - 32, little),
  ),
  wide((view, at, little, { random }) =>
    view.setUint16(at, view.getUint16(at, little) + random.below(65) - 32, little),
  ),
  (bytes, how) => {
    const [from, to] = range(bytes, how);
    return replaced(bytes, from, to, new Uint8Array());
  },
  (bytes, how) => {
    const [from, to] = range(bytes, how);
    return replaced(bytes, to, to, bytes.subarray(from, to));
  },
  (bytes, how) => {
    const [from, to] = range(bytes, how);
    const at = how.random.below(bytes.length + 1);
    return replaced(bytes, at, at, bytes.subarray(from, to));
  },
  (bytes, how) => {
    const at = how.random.below(bytes.length + 1);
    return replaced(bytes, at, at, word(how));
  },
  (bytes, how) => {
    const [from, to] = range(bytes, how);
    return replaced(bytes, from, to, word(how));
  },
  (bytes, how) => {
    const at = how.random.below(bytes.length + 1);
    const by = word(how);
    return replaced(bytes, at, Math.min(bytes.length, at + by.length), by);
  },
  (bytes, how) => {
    const other = how.other();
    const [from, to] = range(other, how);
    const at = how.random.below(bytes.length + 1);
    return replaced(
      bytes,
      at,
      how.random.chance(0.5) ? at : Math.min(bytes.length, at + to - from),
      other.subarray(from, to),
    );
  },
  (bytes, how) => {
    const other = how.other();
    const at = how.random.below(bytes.length + 1);
    return replaced(bytes, at, bytes.length, other.subarray(how.random.below(other.length + 1)));
  },
  // Numbers that are written out.
  (bytes, how) => {
    const start = how.random.below(bytes.length + 1);
    const isDigit = (at: number): boolean => (bytes[at] ?? 0) >= 0x30 && (bytes[at] ?? 0) <= 0x39;
    let from = start;
    while (from < bytes.length && !isDigit(from)) from++;
    let to = from;
    while (isDigit(to)) to++;
    const text = edgeTexts[how.random.below(edgeTexts.length)] as string;
    return replaced(bytes, from, to, new TextEncoder().encode(text));
  },
  (bytes, how) => {
    const all = lines(bytes);
    const [from, to] = [how.random.below(all.length + 1), how.random.below(all.length + 1)];
    const moved = all[from];
    if (moved === undefined) return bytes;
    if (how.random.chance(0.5)) all.splice(from, 1);
    if (how.random.chance(0.7)) all.splice(to, 0, moved);
    return joined(all);
  },
  // Much of one thing.
  (bytes, how) => {
    const [from, to] = range(bytes, how);
    if (!how.random.chance(0.2) || to === from) return bytes;
    const times = 2 + how.random.below(Math.max(1, Math.min(64, Math.floor(how.lengthMax / (to - from)))));
    return replaced(bytes, to, to, joined(Array.from({ length: times }, () => bytes.subarray(from, to))));
  },
];

/** One to sixteen changes of `bytes`, which stays as it is. */
export function mutate(bytes: Uint8Array, how: Mutations): Uint8Array {
  let made = bytes;
  for (let left = 1 << how.random.below(5); left > 0; left--) {
    made = (mutations[how.random.below(mutations.length)] as Mutation)(made, how);
    if (made.length > how.lengthMax) made = made.slice(0, how.lengthMax);
  }
  return made;
}

/** The words of a format and its numbers, each in the ways in which a file may hold it. */
export function dictionaryOf(words: Iterable<string>, numbers: Iterable<number>): Uint8Array[] {
  const encoder = new TextEncoder();
  const found: Uint8Array[] = Array.from(words, (text) => encoder.encode(text));
  for (const number of numbers) {
    if (!Number.isSafeInteger(number) || number < 0) continue;
    found.push(encoder.encode(String(number)));
    const size = number < 0x100 ? 1 : number < 0x1_0000 ? 2 : number <= 0xffff_ffff ? 4 : 0;
    const big = Uint8Array.from({ length: size }, (_, index) => Math.floor(number / 256 ** (size - 1 - index)) & 0xff);
    if (size > 0) found.push(big);
    if (size > 1) found.push(big.toReversed());
  }
  return found;
}
