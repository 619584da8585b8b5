// `--max-rate`: spreads bytes over time.
import type { Session } from "../session.ts";

/** Sleeps as long as the bytes so far came faster than allowed. Without a limit it does nothing. */
export class Pacer {
  readonly #session: Session;
  readonly #rate: number | undefined;
  readonly #startMs: number;
  #bytes = 0;

  constructor(session: Session) {
    this.#session = session;
    this.#rate = session.settings.maxRateBytesPerSecond;
    this.#startMs = session.machine.clock.elapsedMs();
  }

  async pace(bytes: number): Promise<void> {
    if (this.#rate === undefined) return;
    this.#bytes += bytes;
    const dueMs = (this.#bytes / this.#rate) * 1000;
    const elapsedMs = this.#session.machine.clock.elapsedMs() - this.#startMs;
    // Short naps are not worth a timer.
    if (dueMs - elapsedMs > 20) await this.#session.machine.clock.sleep(dueMs - elapsedMs, this.#session.signal);
  }
}
