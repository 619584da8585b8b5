// One execution of a target, measured: how long it took, what it allocated, and what it threw that is no Fault.
import { getHeapStatistics } from "node:v8";
import type { Target } from "../target.ts";

export interface Executed {
  readonly milliseconds: number;
  readonly allocatedBytes: number;
  readonly thrown: { readonly error: unknown } | undefined;
}

const allocationMaxDefault = 32 << 20;
const allocationPerByte = 256;

export function allocationMax(target: Target, lengthBytes: number): number {
  return (target.allocationMax ?? allocationMaxDefault) + allocationPerByte * lengthBytes;
}

export async function execute(target: Target, bytes: Uint8Array): Promise<Executed> {
  const before = getHeapStatistics();
  const begin = performance.now();
  let thrown: Executed["thrown"];
  try {
    const later = target.run(bytes);
    if (later !== undefined) await later;
  } catch (error) {
    thrown = { error };
  }
  const milliseconds = performance.now() - begin;
  const after = getHeapStatistics();
  // A collection in between makes one of them negative; the other, and the next time, tell.
  const allocatedBytes =
    Math.max(0, after.used_heap_size - before.used_heap_size) +
    Math.max(0, after.external_memory - before.external_memory);
  return { milliseconds, allocatedBytes, thrown };
}

/** Runs it once more for what it throws, with a stack: taking one for every Fault would cost more than the parsing. */
export async function explain(target: Target, bytes: Uint8Array, error: unknown): Promise<unknown> {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 20;
  const { thrown } = await execute(target, bytes);
  Error.stackTraceLimit = before;
  return thrown === undefined ? error : thrown.error;
}

/** The least of three: what else the machine did in the meantime does not count. */
export async function leastMilliseconds(target: Target, bytes: Uint8Array, first: number): Promise<number> {
  let least = first;
  for (let again = 0; again < 2; again++) least = Math.min(least, (await execute(target, bytes)).milliseconds);
  return least;
}
