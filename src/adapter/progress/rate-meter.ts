// How fast bytes come, over the last seconds: even enough to read, quick enough to show a stall.

const windowMs = 4000;
const samplesMax = 64;

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

export class RateMeter {
  #samples: Sample[] = [];

  /** `bytes` done in all. The first sample counts as the start, so that what a resumed download had is not its speed. */
  add(atMs: number, bytes: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && bytes < last.bytes) this.#samples = [];
    // Many small steps are one sample; the newest always counts.
    if (this.#samples.length > 1 && last !== undefined && atMs - last.atMs < windowMs / samplesMax) this.#samples.pop();
    this.#samples.push({ atMs, bytes });
    while (this.#samples.length > 2 && atMs - (this.#samples[1]?.atMs ?? atMs) > windowMs) this.#samples.shift();
  }

  /** Bytes a second, or `undefined` before there is anything to say. */
  rate(): number | undefined {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.atMs - first.atMs < 200) return undefined;
    return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs);
  }

  /** Milliseconds until `total` at the rate of now. */
  leftMs(total: number): number | undefined {
    const rate = this.rate();
    const done = this.#samples.at(-1)?.bytes ?? 0;
    return rate === undefined || rate <= 0 ? undefined : ((total - done) * 1000) / rate;
  }
}
