// What time it is at least, when the clock may be wrong (P13).

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
