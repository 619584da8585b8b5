// Hand-parsed JSON for signed files: bounded, and every value checked where it is taken (DESIGN, "Dependencies").
import { Fault } from "../base/fault.ts";
import { parseSha256, parseVersion, type Sha256, type Version } from "../base/ids.ts";

const maxTextLength = 1024;

/** Whether a signed file may name it: a relative path of plain parts, which mean the same to every server and every disk. */
export function isPlainPath(text: string): boolean {
  const bad = (part: string): boolean => part === "" || part === "." || part === "..";
  // What is no Unicode has no address.
  return (
    text.length <= maxTextLength && text.isWellFormed() && !text.split("/").some(bad) && !/[\p{Cc}%\\]/u.test(text)
  );
}

/** One JSON object; reading a field that is absent or of another kind is a Fault that names it. */
export class JsonFields {
  readonly #what: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(what: string, value: unknown) {
    this.#what = what;
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.refuse("is no object");
    this.#fields = value as Readonly<Record<string, unknown>>;
  }

  refuse(state: string, cause?: unknown): Fault {
    return new Fault("release-file-damaged", `Cannot read the release file: ${this.#what} ${state}`, { cause });
  }

  #get(key: string): unknown {
    return Object.hasOwn(this.#fields, key) ? this.#fields[key] : undefined;
  }

  has(key: string): boolean {
    return this.#get(key) !== undefined;
  }

  text(key: string, maxLength: number = maxTextLength): string {
    const value = this.#get(key);
    if (typeof value === "string" && value.length <= maxLength) return value;
    throw this.refuse(`has no text "${key}" of at most ${maxLength} characters`);
  }

  /** A whole number from 0 to 2^53-1. */
  count(key: string): number {
    const value = this.#get(key);
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.refuse(`has no whole number "${key}"`);
  }

  version(key: string): Version {
    return this.#parsed(key, parseVersion);
  }

  sha256(key: string): Sha256 {
    return this.#parsed(key, parseSha256);
  }

  #parsed<T>(key: string, parse: (text: string) => T): T {
    try {
      return parse(this.text(key));
    } catch (cause) {
      throw this.refuse(`has no valid "${key}"`, cause);
    }
  }

  /** A time such as 2026-07-01T12:00:00Z. */
  time(key: string): string {
    const value = this.text(key);
    const wellFormed = /^[0-9]{4}(?:-[0-9]{2}){2}T[0-9]{2}(?::[0-9]{2}){2}Z$/.test(value);
    if (wellFormed && !Number.isNaN(Date.parse(value))) return value;
    throw this.refuse(`has no time "${key}" in UTC`);
  }

  /** A relative path of plain parts. */
  path(key: string): string {
    const value = this.text(key);
    if (isPlainPath(value)) return value;
    throw this.refuse(`has no plain path "${key}"`);
  }

  oneOf<T extends string>(key: string, allowed: readonly T[]): T {
    const value = this.text(key);
    const found = allowed.find((word) => word === value);
    if (found !== undefined) return found;
    throw this.refuse(`has no "${key}" out of ${allowed.join(", ")}`);
  }

  object(key: string): JsonFields {
    return new JsonFields(`${this.#what}.${key}`, this.#get(key));
  }

  list(key: string, maxLength: number): JsonFields[] {
    const value = this.#get(key);
    if (!Array.isArray(value) || value.length > maxLength)
      throw this.refuse(`has no list "${key}" of at most ${maxLength} items`);
    return value.map((item: unknown, index) => new JsonFields(`${this.#what}.${key}[${index}]`, item));
  }
}

/** The object that `bytes` are the JSON text of. */
export function parseJsonFields(what: string, bytes: Uint8Array, maxBytes: number): JsonFields {
  const refuse = (state: string, cause?: unknown): Fault =>
    new Fault("release-file-damaged", `Cannot read the release file: ${what} ${state}`, { cause });
  if (bytes.length > maxBytes) throw refuse(`is larger than ${maxBytes} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw refuse("is not JSON", cause);
  }
  return new JsonFields(what, value);
}
