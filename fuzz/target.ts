// What a fuzz target is: one parser of bytes from outside, and what must hold for any bytes at all (issue 3, "Fuzzing").
import { ok } from "node:assert/strict";
import { Fault } from "../src/base/fault.ts";

export interface Target {
  /** Also the name of its file and of its folder in the corpus. */
  readonly name: string;
  /** Modules, or functions of them (`path#name`), whose edges the table counts: what is meant to be reached. */
  readonly covers: readonly string[];
  /** Packages below node_modules that guide the search as well, because much of the parsing is theirs. */
  readonly packages?: readonly string[];
  /** Longer inputs are cut; 2048 where nothing is said. */
  readonly lengthMax?: number;
  /** What one execution may allocate beyond 256 times its input, in bytes; 32 MiB where nothing is said. */
  readonly allocationMax?: number;
  /** What one execution may take at most; 250 where nothing is said. */
  readonly millisecondsMax?: number;
  /** Whole, typical inputs. */
  seeds(): readonly (Uint8Array | string)[];
  /** Returns for whatever decodes or is refused by a Fault, and throws for everything else. */
  run(bytes: Uint8Array): void | Promise<void>;
  /** Makes checksums and the like right again, so that what lies behind them is reached; used on half of the inputs. */
  mend?(bytes: Uint8Array): Uint8Array;
}

/** More than this of hostile text in one sentence is no message but a flood. */
const messageLengthMax = 4096;

/** A refusal is a Fault that says something; anything else that was thrown is a bug. */
export function demandFault(error: unknown): Fault {
  if (!(error instanceof Fault)) throw error;
  ok(error.message.startsWith("Cannot "), `a message begins with Cannot: ${error.message.slice(0, 200)}`);
  ok(error.message.length <= messageLengthMax, `a message of ${error.message.length} characters`);
  ok(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(error.code), `the code ${error.code}`);
  return error;
}

/** What was decoded, or `undefined` where a Fault refused it. */
export function decoded<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    demandFault(error);
    return undefined;
  }
}

/** The same for what decodes in its own time. */
export async function decodedLater<T>(decode: () => Promise<T>): Promise<T | undefined> {
  try {
    return await decode();
  } catch (error) {
    demandFault(error);
    return undefined;
  }
}

const decoder: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What reading a file as text makes of any bytes. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export function bytesOf(seed: Uint8Array | string): Uint8Array {
  return typeof seed === "string" ? new TextEncoder().encode(seed) : seed;
}
