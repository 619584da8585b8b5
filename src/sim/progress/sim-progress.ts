// The simulated Progress: remembers what was reported.
import type { Progress, ProgressEvent } from "../../port/progress.ts";

/** The oldest are forgotten beyond this many. */
const maxEvents = 10_000;

export class SimProgress implements Progress {
  readonly events: ProgressEvent[] = [];

  report(event: ProgressEvent): void {
    if (this.events.length === maxEvents) this.events.shift();
    this.events.push(event);
  }
}
