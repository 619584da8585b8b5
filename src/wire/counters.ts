// `counters.json`: what happened here since it was begun, for metrics. Losing it makes them start again (P7).
import * as v from "valibot";
import type { News } from "../domain/news.ts";
import type { Schema } from "./state.ts";

export interface Counters {
  readonly format: 1;
  /** By event of the journal. */
  readonly events: Readonly<Record<string, number>>;
  /** Of updates that came to their end. */
  readonly downloadedBytes: number;
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const countersSchema: Schema<Counters> = v.looseObject({
  format: v.literal(1),
  events: v.record(v.string(), count),
  downloadedBytes: count,
});

export const noCounters: Counters = { format: 1, events: {}, downloadedBytes: 0 };

export function countersAfter(before: Counters, news: readonly News[]): Counters {
  const events = { ...before.events };
  for (const { event } of news) events[event] = (events[event] ?? 0) + 1;
  const bytes = news.reduce((sum, item) => sum + (item.bytes ?? 0), before.downloadedBytes);
  return { ...before, events, downloadedBytes: Math.min(bytes, Number.MAX_SAFE_INTEGER) };
}
