// Varlink on the wire: JSON objects in UTF-8, each ended by a NUL byte (https://varlink.org/Method-Call). What comes in
// is hostile: every size is bounded, and as for systemd 262 whatever is no call ends the connection without an answer.
import { concatenate } from "../base/bytes.ts";
import { Fault } from "../base/fault.ts";
import { isObject } from "./shape.ts";

export type MessageFaultCode = "bad-message";

/** The longest call that anyone has a reason to make has some hundred bytes. */
export const messageBytesMax: number = 64 * 1024;
const depthMax = 32;

export interface Call {
  /** With its interface: `io.systemd.SysUpdate.ListTargets`. */
  readonly method: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Several replies are welcome. */
  readonly more: boolean;
  /** No reply is wanted. */
  readonly oneway: boolean;
  readonly upgrade: boolean;
}

export interface Reply {
  readonly error?: string;
  readonly parameters?: object;
  readonly continues?: boolean;
}

function bad(state: string): Fault<MessageFaultCode> {
  return new Fault("bad-message", `Cannot read a Varlink message: ${state}`);
}

const utf8: TextDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw bad("it is not UTF-8");
  }
}

/** Cuts what comes in, in pieces of any size, into messages. */
export class MessageReader {
  #parts: Uint8Array[] = [];
  #length = 0;

  /** Bytes of a message that has not ended. */
  get pendingBytes(): number {
    return this.#length;
  }

  /** The messages that end in these bytes. */
  push(bytes: Uint8Array): readonly string[] {
    const messages: string[] = [];
    let start = 0;
    for (let end = bytes.indexOf(0); end !== -1; end = bytes.indexOf(0, start)) {
      this.#keep(bytes.subarray(start, end));
      messages.push(decode(concatenate(this.#parts)));
      this.#parts = [];
      this.#length = 0;
      start = end + 1;
    }
    this.#keep(bytes.slice(start));
    return messages;
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#length += bytes.length;
    if (this.#length > messageBytesMax) throw bad(`it is longer than ${messageBytesMax} bytes`);
    this.#parts.push(bytes);
  }
}

const callFields = new Set(["method", "parameters", "more", "oneway", "upgrade"]);

/** A call out of a message; anything else is a Fault. */
export function readCall(text: string): Call {
  const value = parse(text);
  if (!isObject(value)) throw bad("it is no JSON object");
  const stray = Object.keys(value).find((name) => !callFields.has(name));
  if (stray !== undefined) throw bad(`it has the unknown field ${JSON.stringify(stray.slice(0, 80))}`);
  const { method, parameters = null } = value;
  if (typeof method !== "string") throw bad("it names no method");
  if (parameters !== null && !isObject(parameters)) throw bad("its parameters are no object");
  const [more, oneway, upgrade] = [flag(value, "more"), flag(value, "oneway"), flag(value, "upgrade")];
  if (more && oneway) throw bad("it wants several replies and none");
  return { method, parameters: parameters ?? {}, more, oneway, upgrade };
}

function flag(value: Readonly<Record<string, unknown>>, name: string): boolean {
  const set = value[name] ?? (Object.hasOwn(value, name) ? null : false);
  if (typeof set !== "boolean") throw bad(`${name} is neither true nor false`);
  return set;
}

function parse(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad("it is not JSON");
  }
  // In JSON, a string before a colon is the name of a field: two of one name leave fewer in the value than in the text.
  let names = 0;
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/gs)) names += colon === undefined ? 0 : 1;
  if (countNames(value, 0) !== names) throw bad("a field occurs twice");
  return value;
}

/** How many named fields a value has, in all depths; a string that is no Unicode text is a Fault. */
function countNames(value: unknown, depth: number): number {
  if (depth > depthMax) throw bad(`it is nested deeper than ${depthMax}`);
  if (typeof value === "string" && !value.isWellFormed()) throw bad("a string is no Unicode text");
  if (typeof value !== "object" || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countNames(item, depth + 1), 0);
  let count = 0;
  for (const [name, item] of Object.entries(value)) count += 1 + countNames(name, depth) + countNames(item, depth + 1);
  return count;
}

export function messageBytes(message: Reply | { readonly method: string; readonly parameters?: object }): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(message)}\0`);
}
