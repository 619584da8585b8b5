// The Clock port. The clock may be wrong (P13): judge freshness with domain/trusted-time.ts, never with this alone.

export interface Clock {
  /** Milliseconds since the epoch, as the machine believes. */
  nowMs(): number;
  /** Milliseconds that only go forward; its zero means nothing. For rates and time-outs. */
  elapsedMs(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
