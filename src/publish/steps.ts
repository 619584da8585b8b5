// Tells of the course of a command as steps with a title, and of the bytes that each moves.
import type { Progress } from "../port/progress.ts";

export class Steps {
  readonly #progress: Progress;
  readonly #count: number;
  #index = 0;
  #title = "";
  #done = 0;
  #total: number | undefined;

  constructor(progress: Progress, count: number) {
    this.#progress = progress;
    this.#count = count;
  }

  /** Ends the step before. */
  begin(title: string, totalBytes?: number): void {
    this.end();
    this.#index += 1;
    this.#title = title;
    this.#done = 0;
    this.#total = totalBytes;
    const step = { kind: "step", index: this.#index, count: this.#count, title } as const;
    this.#progress.report(totalBytes === undefined ? step : { ...step, totalBytes });
  }

  readonly add = (bytes: number): void => this.at(this.#done + bytes);

  readonly at = (done: number): void => {
    this.#done = done;
    this.#progress.report({ kind: "bytes", done, total: this.#total });
  };

  end(): void {
    if (this.#title === "") return;
    this.#progress.report({ kind: "step-done", index: this.#index, count: this.#count, title: this.#title });
    this.#title = "";
  }
}
