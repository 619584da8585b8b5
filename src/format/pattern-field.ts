// The wildcards of a MatchPattern: what text each may stand for, and its value (interfaces D.2, sysupdate.d(5)).
import { unreachable } from "../base/assert.ts";
import { isVersion, parseSha256, parseUuid, type Sha256, type Uuid, type Version } from "../base/ids.ts";

/** A wildcard's letter, without its `@`. */
export type Field = "v" | "u" | "f" | "a" | "g" | "r" | "t" | "m" | "s" | "d" | "l" | "h";

/** What a name says about an instance. A field the pattern has no wildcard for is absent. */
export interface Fields {
  version: Version;
  partitionUuid?: Uuid;
  /** The 64 GPT attribute bits. */
  partitionFlags?: bigint;
  noAuto?: boolean;
  growFileSystem?: boolean;
  readOnly?: boolean;
  /** Microseconds since 1970. */
  mtimeUs?: bigint;
  /** Permission bits, none outside 0775. */
  mode?: number;
  /** After decompression. */
  sizeBytes?: number;
  triesDone?: number;
  triesLeft?: number;
  /** Of the file as it is transferred, still compressed. */
  sha256?: Sha256;
}

const fieldLetters = "vufagrtmsdlh";
const digits = "0123456789";
const hex = `${digits}abcdefABCDEF`;
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const booleanWords = new Map([
  ...["1", "yes", "y", "true", "t", "on"].map((word) => [word, true] as const),
  ...["0", "no", "n", "false", "f", "off"].map((word) => [word, false] as const),
]);

/** One form of a field's text: a character class for each place. Texts of `min` places and more count. */
export interface Shape {
  readonly slots: readonly string[];
  readonly min: number;
  /** Whether the last class may repeat without end. */
  readonly loop: boolean;
}

const repeat = (count: number, chars: string): string[] => Array.from({ length: count }, () => chars);
const exactly = (slots: readonly string[]): Shape => ({ slots, min: slots.length, loop: false });
const between = (min: number, slots: readonly string[]): Shape => ({ slots, min, loop: false });
const word = (text: string): Shape => exactly(Array.from(text, (char) => char.toLowerCase() + char.toUpperCase()));

/** Numbers of `places` digits, zeros in front included, that are at most `limit`. */
function atMost(limit: bigint, places: number): Shape[] {
  const text = limit.toString().padStart(places, "0");
  if (text.length > places) return [exactly(repeat(places, digits))];
  const same = Array.from(text);
  // Alike up to a place, smaller there, anything behind it.
  const smaller = same.flatMap((digit, at) =>
    digit === "0"
      ? []
      : [exactly([...same.slice(0, at), digits.slice(0, Number(digit)), ...repeat(places - at - 1, digits)])],
  );
  return [...smaller, exactly(same)];
}
const decimal = (limit: bigint): Shape[] => {
  const short = limit.toString().length - 1;
  return [
    between(1, repeat(short, digits)),
    ...Array.from({ length: 20 - short }, (_, more) => atMost(limit, short + more + 1)).flat(),
  ];
};
const boolean = [...booleanWords.keys()].map(word);
const dashedUuid = [8, 4, 4, 4, 12].flatMap((count, index) => [...(index === 0 ? [] : ["-"]), ...repeat(count, hex)]);
/** Octal with none of the bits outside 0775, so the last digit lacks the write bit for others. */
const modes = [0, 1, 2, 3, 4].flatMap((zeros) =>
  [0, 1, 2].map((places) => exactly([...repeat(zeros, "0"), ...repeat(places, "01234567"), "0145"])),
);

/** 2^64-1 stands for "not set" in systemd. */
const unsetUint64 = 0xffff_ffff_ffff_ffffn;
const countMax = BigInt(Number.MAX_SAFE_INTEGER);
const count = decimal(countMax);

/** The texts of each field as a finite description, for the proof that two patterns have no name in common. */
export const fieldShapes: Readonly<Record<Field, readonly Shape[]>> = {
  v: [{ slots: [`${digits}${letters}.~^_+-`], min: 1, loop: true }],
  u: [exactly(repeat(32, hex)), exactly(dashedUuid)],
  f: [between(1, repeat(16, hex)), between(3, ["0", "xX", ...repeat(16, hex)])],
  a: boolean,
  g: boolean,
  r: boolean,
  t: decimal(unsetUint64 - 1n),
  m: modes,
  s: count,
  d: count,
  l: count,
  h: [exactly(repeat(64, hex))],
};

const hexText = /^(?:0[xX])?[0-9a-fA-F]{1,16}$/;
const uuidText = /^(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/;
const modeText = /^0{0,4}[0-7]{0,2}[0145]$/;
export function isField(letter: string): letter is Field {
  return letter.length === 1 && fieldLetters.includes(letter);
}

function readDecimal(text: string): bigint | undefined {
  if (!/^[0-9]{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < unsetUint64 ? value : undefined;
}

function readCount(text: string): number | undefined {
  const value = readDecimal(text);
  return value === undefined || value > countMax ? undefined : Number(value);
}

/** The value in `text` as a part of Fields, or undefined where the field cannot stand for it. */
export function readField(field: Field, text: string): Partial<Fields> | undefined {
  switch (field) {
    case "v":
      return isVersion(text) ? { version: text } : undefined;
    case "u":
      return uuidText.test(text) ? { partitionUuid: parseUuid(text) } : undefined;
    case "f":
      return hexText.test(text) ? { partitionFlags: BigInt(`0x${text.replace(/^0[xX]/, "")}`) } : undefined;
    case "h":
      return /^[0-9a-fA-F]{64}$/.test(text) ? { sha256: parseSha256(text) } : undefined;
    case "m":
      return modeText.test(text) ? { mode: Number.parseInt(text, 8) } : undefined;
    case "a":
    case "g":
    case "r":
    case "t":
    case "s":
    case "d":
    case "l":
      return readNumberOrFlag(field, text);
    default:
      return unreachable(field);
  }
}

function readNumberOrFlag(field: "a" | "g" | "r" | "t" | "s" | "d" | "l", text: string): Partial<Fields> | undefined {
  if (field === "t") {
    const mtimeUs = readDecimal(text);
    return mtimeUs === undefined ? undefined : { mtimeUs };
  }
  if (field === "a" || field === "g" || field === "r") {
    const flag = booleanWords.get(text.toLowerCase());
    if (flag === undefined) return undefined;
    return field === "a" ? { noAuto: flag } : field === "g" ? { growFileSystem: flag } : { readOnly: flag };
  }
  const count = readCount(text);
  if (count === undefined) return undefined;
  return field === "s" ? { sizeBytes: count } : field === "d" ? { triesDone: count } : { triesLeft: count };
}

const flag = (value: boolean | undefined): string | undefined => (value === undefined ? undefined : value ? "1" : "0");

/** The field's text as systemd-sysupdate writes it, or undefined where `fields` has no value for it. */
export function writeField(field: Field, fields: Fields): string | undefined {
  switch (field) {
    case "v":
      return fields.version;
    case "u":
      return fields.partitionUuid?.replaceAll("-", "");
    case "f":
      return fields.partitionFlags?.toString(16);
    case "a":
      return flag(fields.noAuto);
    case "g":
      return flag(fields.growFileSystem);
    case "r":
      return flag(fields.readOnly);
    case "t":
      return fields.mtimeUs?.toString();
    case "m":
      return fields.mode?.toString(8).padStart(3, "0");
    case "s":
      return fields.sizeBytes?.toString();
    case "d":
      return fields.triesDone?.toString();
    case "l":
      return fields.triesLeft?.toString();
    case "h":
      return fields.sha256;
    default:
      return unreachable(field);
  }
}
