// The simulated Clock: time passes with calls and sleeps only, so a run of days takes no time and repeats exactly.
import { Fault } from "../../base/fault.ts";
import type { Clock } from "../../port/clock.ts";

interface Sleeper {
  readonly wakesAtMs: number;
  readonly wake: () => void;
}

export interface SimClockOptions {
  /** What the machine believes at the start, in milliseconds since the epoch. */
  readonly startMs: number;
  /** Runs `work` once nothing else is ready to run; `setImmediate` when absent. */
  readonly whenIdle?: (work: () => void) => void;
}

export class SimClock implements Clock {
  #elapsedMs: number = 0;
  #offsetMs: number;
  #sleepers: readonly Sleeper[] = [];
  readonly #whenIdle: (work: () => void) => void;

  constructor({ startMs, whenIdle }: SimClockOptions) {
    this.#offsetMs = startMs;
    this.#whenIdle = whenIdle ?? ((work): void => void setImmediate(work));
  }

  nowMs(): number {
    return Math.floor(this.#offsetMs + this.#elapsedMs);
  }

  elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** Time passes while something works. */
  pass(milliseconds: number): void {
    this.#elapsedMs += milliseconds;
  }

  /** The machine believes something else from now on (P13). */
  set(nowMs: number): void {
    this.#offsetMs = nowMs - this.#elapsedMs;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const woken = Promise.withResolvers<void>();
    const sleeper: Sleeper = { wakesAtMs: this.#elapsedMs + Math.max(0, milliseconds), wake: woken.resolve };
    const breakOff = (): void => {
      this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
      woken.reject(
        new Fault("interrupted", "Cannot go on waiting: it was broken off", { kind: "interrupted", retriable: true }),
      );
    };
    if (signal?.aborted === true) breakOff();
    else this.#add(sleeper);
    signal?.addEventListener("abort", breakOff, { once: true });
    try {
      await woken.promise;
    } finally {
      signal?.removeEventListener("abort", breakOff);
    }
  }

  #add(sleeper: Sleeper): void {
    this.#sleepers = [...this.#sleepers, sleeper].sort((a, b) => a.wakesAtMs - b.wakesAtMs);
    this.#whenIdle(() => this.#wakeNext());
  }

  #wakeNext(): void {
    const [next, ...rest] = this.#sleepers;
    if (next === undefined) return;
    this.#sleepers = rest;
    this.#elapsedMs = Math.max(this.#elapsedMs, next.wakesAtMs);
    next.wake();
  }
}
