// Progress for logs and pipes: a line for each step, and one every few seconds while bytes move.
import type { Progress, ProgressEvent } from "../../port/progress.ts";
import { bytesText, durationText, plain } from "./amounts.ts";
import { RateMeter } from "./rate-meter.ts";

const lineEveryMs = 5000;

export interface TextStream {
  write(text: string): unknown;
}

export function lineProgress(stream: TextStream, nowMs: () => number = () => performance.now()): Progress {
  return new LineProgress(stream, nowMs);
}

/** "230 MiB of 500 MiB (46%), 52.1 MiB/s, 5 s left", as far as it is known. */
export function movedText(done: number, total: number | undefined, meter: RateMeter): string {
  const rate = meter.rate();
  const leftMs = total === undefined ? undefined : meter.leftMs(total);
  return [
    total === undefined ? bytesText(done) : `${bytesText(done)} of ${bytesText(total)} (${percent(done, total)}%)`,
    ...(rate === undefined ? [] : [`${bytesText(rate)}/s`]),
    ...(leftMs === undefined ? [] : [`${durationText(leftMs)} left`]),
  ].join(", ");
}

export function percent(done: number, total: number): number {
  return total === 0 ? 100 : Math.min(100, Math.floor((done / total) * 100));
}

class LineProgress implements Progress {
  readonly #stream: TextStream;
  readonly #nowMs: () => number;
  #meter = new RateMeter();
  #lastLineMs = 0;

  constructor(stream: TextStream, nowMs: () => number) {
    this.#stream = stream;
    this.#nowMs = nowMs;
  }

  report(event: ProgressEvent): void {
    const now = this.#nowMs();
    switch (event.kind) {
      case "step":
        this.#meter = new RateMeter();
        this.#lastLineMs = now;
        this.#line(
          `[${event.index}/${event.count}] ${event.title}${event.totalBytes === undefined ? "" : ` (${bytesText(event.totalBytes)})`}`,
        );
        break;
      case "bytes":
        this.#meter.add(now, event.done);
        if (now - this.#lastLineMs < lineEveryMs) break;
        this.#lastLineMs = now;
        this.#line(`  ${movedText(event.done, event.total, this.#meter)}`);
        break;
      case "note":
        this.#line(`  ${event.text}`);
        break;
      case "warning":
        this.#line(`  warning: ${event.text}`);
        break;
      case "step-done":
        break;
    }
  }

  #line(text: string): void {
    this.#stream.write(`${plain(text)}\n`);
  }
}
