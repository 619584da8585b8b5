// Which way the bytes of a resource come: the cheapest that this machine can go, and after it the others, down to the whole
// file, which is always possible. Pure.
import type { Version } from "../base/ids.ts";
import { wholeMebibytes } from "../base/mebibytes.ts";

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

const priceOf = ({ downloadBytes = 0, requests }: WayCost): number => downloadBytes + requests * requestBytes;

/** What costs nobody knows comes behind what is known to be cheap, and before the whole file. */
function inOrder<T extends WayCost>(usable: readonly T[]): readonly T[] {
  const byPrice = usable
    .filter(({ downloadBytes, kind }) => downloadBytes !== undefined || kind === "whole")
    .toSorted((a, b) => priceOf(a) - priceOf(b));
  const unknown = usable.filter((way) => !byPrice.includes(way));
  const whole = byPrice.findIndex(({ kind }) => kind === "whole");
  return [...byPrice.slice(0, whole), ...unknown, ...byPrice.slice(whole, whole + 1)];
}

function obstacleOf({ obstacle, memoryBytes, kind }: WayCost, memoryLimitBytes: number): string | undefined {
  if (obstacle !== undefined || kind === "whole" || memoryBytes <= memoryLimitBytes) return obstacle;
  return `it takes ${wholeMebibytes(memoryBytes)} of memory, and ${wholeMebibytes(memoryLimitBytes)} may be used`;
}

/** `ways` has the whole file among them, of known size. What comes after it in price is not tried at all. */
export function rankWays<T extends WayCost>(ways: readonly T[], memoryLimitBytes: number): WayRanking<T> {
  const order = inOrder(ways.filter((way) => obstacleOf(way, memoryLimitBytes) === undefined));
  const judged = ways.map((way) => {
    const chosen = way === order[0];
    const obstacle = obstacleOf(way, memoryLimitBytes);
    const later = order.includes(way) ? "if that fails" : "it costs more";
    return { way, chosen, because: chosen ? "" : (obstacle ?? later) };
  });
  return { order, judged };
}
