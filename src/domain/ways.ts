// Which way the bytes of a resource come: the cheapest that this machine can go, and after it the others, down to the whole
// file, which is always possible. Pure.
import type { Version } from "../base/ids.ts";

export type WayKind = "whole" | "chunks" | "delta";

/** What a way would take. */
export interface WayCost {
  readonly kind: WayKind;
  /** Where a delta begins. */
  readonly from?: Version;
  /** `undefined` where nobody knows before it is gone. */
  readonly downloadBytes: number | undefined;
  readonly requests: number;
  /** Held at once. */
  readonly memoryBytes: number;
  /** Why it cannot be gone here: a clause. */
  readonly obstacle?: string;
}

export interface JudgedWay<T extends WayCost> {
  readonly way: T;
  /** What is tried first. */
  readonly chosen: boolean;
  /** Why it comes later, or not at all: a clause; empty for the one that is chosen. */
  readonly because: string;
}

export interface WayRanking<T extends WayCost> {
  /** In the order in which they are tried; the whole file is the last. */
  readonly order: readonly T[];
  /** All of them, as they were given. */
  readonly judged: readonly JudgedWay<T>[];
}

/** What a round trip is worth, in bytes: about 10 ms of a line with 6 Mbit/s. */
const requestBytes = 8 * 1024;

function priceOf({ downloadBytes, requests }: WayCost): number {
  return (downloadBytes ?? Number.POSITIVE_INFINITY) + requests * requestBytes;
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

function obstacleOf({ obstacle, memoryBytes, kind }: WayCost, memoryLimitBytes: number): string | undefined {
  if (obstacle !== undefined || kind === "whole" || memoryBytes <= memoryLimitBytes) return obstacle;
  return `it takes ${mebibytes(memoryBytes)} of memory, and ${mebibytes(memoryLimitBytes)} may be used`;
}

/** `ways` has the whole file among them. What comes after it in price is not tried at all. */
export function rankWays<T extends WayCost>(ways: readonly T[], memoryLimitBytes: number): WayRanking<T> {
  const usable = ways
    .filter((way) => obstacleOf(way, memoryLimitBytes) === undefined)
    .sort((a, b) => priceOf(a) - priceOf(b));
  const whole = usable.findIndex(({ kind }) => kind === "whole");
  const order = usable.slice(0, whole + 1);
  const judged = ways.map((way) => {
    const chosen = way === order[0];
    const obstacle = obstacleOf(way, memoryLimitBytes);
    const later = order.includes(way) ? "if that fails" : "it costs more";
    return { way, chosen, because: chosen ? "" : (obstacle ?? later) };
  });
  return { order, judged };
}
