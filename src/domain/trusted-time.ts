// What time it is at least, when the clock may be wrong (P13), and whether signed metadata is fresh then (P9).

/** All in milliseconds since the epoch. */
export interface TimeWitnesses {
  readonly clockMs: number;
  /** When this Holdfast was built: it cannot run earlier. */
  readonly buildTimeMs: number;
  /** The latest signature accepted from any source; undefined when none was. */
  readonly lastSignedMs: number | undefined;
}

/** The latest of all witnesses. A clock that lost its battery shows the past; it must not make stale metadata fresh. */
export function trustedNowMs({ clockMs, buildTimeMs, lastSignedMs }: TimeWitnesses): number {
  return Math.max(Number.isFinite(clockMs) ? clockMs : 0, buildTimeMs, lastSignedMs ?? 0);
}

export interface MetadataAge {
  readonly signedAtMs: number | undefined;
  /** The latest signature accepted from this source. */
  readonly floorMs: number | undefined;
  /** From then on the metadata is stale; undefined when it carries no date. */
  readonly staleFromMs: number | undefined;
}

/** "older": signed before what was accepted last, a replay or a mirror that is behind. "stale": past its own date. */
export type Freshness = "fresh" | "older" | "stale";

/** `nowMs` comes from trustedNowMs. The floor is judged first: a replayed list is refused even where dates are not looked at. */
export function judgeFreshness({ signedAtMs, floorMs, staleFromMs }: MetadataAge, nowMs: number): Freshness {
  if (signedAtMs !== undefined && floorMs !== undefined && signedAtMs < floorMs) return "older";
  return staleFromMs !== undefined && nowMs > staleFromMs ? "stale" : "fresh";
}
