// Simulated Subscribers: hear everything, and say what a test has them say.
import type { CompletedUpdate, Subscribers } from "../../port/subscribers.ts";

/** The oldest is forgotten beyond this many. */
const heardMax = 1000;

export class SimSubscribers implements Subscribers {
  readonly heard: (CompletedUpdate | undefined)[] = [];
  problems: readonly string[] = [];

  async tell(update: CompletedUpdate | undefined): Promise<readonly string[]> {
    if (this.heard.length === heardMax) this.heard.shift();
    this.heard.push(update);
    return this.problems;
  }
}
