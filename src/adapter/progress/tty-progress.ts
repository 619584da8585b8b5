// Progress on a terminal: finished steps stay as lines, the one at work is a bar below them, drawn at most ten times a second.
import type { Progress, ProgressEvent } from "../../port/progress.ts";
import { bytesText, durationText, plain } from "./amounts.ts";
import { movedText, percent, type TextStream } from "./line-progress.ts";
import { RateMeter } from "./rate-meter.ts";

const drawEveryMs = 100;
const barCells = 24;
/** To the first column, and clear what was there (ECMA-48 EL). */
const clearLine = "\r\u001b[K";

export interface Terminal extends TextStream {
  readonly columns?: number;
}

export interface TtyOptions {
  readonly colour?: boolean;
  readonly nowMs?: () => number;
}

export function ttyProgress(stream: Terminal, options: TtyOptions = {}): Progress {
  return new TtyProgress(stream, options);
}

type Step = Extract<ProgressEvent, { kind: "step" }>;

class TtyProgress implements Progress {
  readonly #stream: Terminal;
  readonly #colour: boolean;
  readonly #nowMs: () => number;
  #step: Step | undefined;
  #startedMs = 0;
  #meter = new RateMeter();
  #done = 0;
  #total: number | undefined;
  #drawnMs = Number.NEGATIVE_INFINITY;

  constructor(stream: Terminal, options: TtyOptions) {
    this.#stream = stream;
    this.#colour = options.colour ?? false;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  report(event: ProgressEvent): void {
    const now = this.#nowMs();
    switch (event.kind) {
      case "step":
        this.#step = event;
        this.#startedMs = now;
        this.#meter = new RateMeter();
        this.#done = 0;
        this.#total = event.totalBytes;
        this.#draw(now);
        break;
      case "bytes":
        this.#meter.add(now, event.done);
        this.#done = event.done;
        this.#total = event.total ?? this.#total;
        if (now - this.#drawnMs >= drawEveryMs) this.#draw(now);
        break;
      case "step-done":
        this.#step = undefined;
        this.#above(`${this.#paint("32", "✓")} ${plain(event.title)}${this.#summary(now)}`);
        break;
      case "note":
        this.#above(`  ${plain(event.text)}`);
        break;
      case "warning":
        this.#above(`${this.#paint("33", "!")} ${plain(event.text)}`);
        break;
    }
  }

  #summary(now: number): string {
    return this.#done === 0 ? "" : ` (${bytesText(this.#done)} in ${durationText(now - this.#startedMs)})`;
  }

  /** A line that stays, above the one that moves. */
  #above(text: string): void {
    this.#stream.write(`${clearLine}${text}\n`);
    const now = this.#nowMs();
    if (this.#step !== undefined) this.#draw(now);
  }

  #draw(now: number): void {
    this.#drawnMs = now;
    const step = this.#step;
    if (step === undefined) return;
    const title = `[${step.index}/${step.count}] ${plain(step.title)}`;
    const moved =
      this.#total === undefined && this.#done === 0 ? [] : [movedText(this.#done, this.#total, this.#meter)];
    const bar = this.#total === undefined || this.#total === 0 ? [] : [this.#bar(this.#done / this.#total)];
    // A line longer than the terminal would wrap, and could not be cleared again: the bar goes first, then the end.
    const width = Math.max(20, (this.#stream.columns ?? 80) - 1);
    const whole = [title, ...bar, ...moved].join("  ");
    const line = [...(whole.length <= width ? whole : [title, ...moved].join("  "))].slice(0, width).join("");
    this.#stream.write(clearLine + line);
  }

  #bar(share: number): string {
    const full = Math.round((percent(share * 1000, 1000) / 100) * barCells);
    return "█".repeat(full) + "░".repeat(barCells - full);
  }

  #paint(code: string, text: string): string {
    return this.#colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}
