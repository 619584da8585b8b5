// The simulated Entropy: chance that repeats with its seed.
import type { SeededRandom } from "../../base/random.ts";
import type { Entropy } from "../../port/entropy.ts";

export class SimEntropy implements Entropy {
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.#random.below(256));
  }
}
