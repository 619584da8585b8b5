// One execution of a target, measured: how long the processor worked on it, what it allocated, and what it threw that is no Fault.
import { getHeapStatistics } from "node:v8";
import type { Target } from "../target.ts";

export interface Executed {
  /** Of this thread: a machine with other work makes nothing slow. */
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
  const begin = process.threadCpuUsage();
  let thrown: Executed["thrown"];
  try {
    const later = target.run(bytes);
    if (later !== undefined) await later;
  } catch (error) {
    thrown = { error };
  }
  const spent = process.threadCpuUsage(begin);
  const after = getHeapStatistics();
  // A collection in between makes one of them negative; the other, and the next time, tell.
  const allocatedBytes =
    Math.max(0, after.used_heap_size - before.used_heap_size) +
    Math.max(0, after.external_memory - before.external_memory);
  return { milliseconds: (spent.user + spent.system) / 1000, allocatedBytes, thrown };
}

/** Runs it once more for what it throws, with a stack: taking one for every Fault would cost more than the parsing. */
export async function explain(target: Target, bytes: Uint8Array, error: unknown): Promise<unknown> {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 20;
  const { thrown } = await execute(target, bytes);
  Error.stackTraceLimit = before;
  return thrown === undefined ? error : thrown.error;
}

/** The least of three: the first may have compiled, and any may have collected garbage. */
export async function leastMilliseconds(target: Target, bytes: Uint8Array, first: number): Promise<number> {
  let least = first;
  for (let again = 0; again < 2; again++) least = Math.min(least, (await execute(target, bytes)).milliseconds);
  return least;
}
