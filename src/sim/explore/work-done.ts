// Judges where a command has ended well: safe, everything there, and a second run changes nothing (P5, P6, P7).
import type { Scenario } from "../explore.ts";
import type { SimWorld } from "../machine.ts";
import { differences } from "./differences.ts";
import { failed } from "./schedule.ts";

export class WorkDone {
  /** Second runs. */
  runs: number = 0;
  readonly #scenario: Scenario;
  /** By tag of state: what is missing there. */
  readonly #known: Map<string, readonly string[]> = new Map();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  #nameOf(world: SimWorld): string {
    return this.#scenario.nameState?.(world) ?? world.key();
  }

  tagOf(world: SimWorld): string {
    return this.#scenario.tagState?.(world) ?? this.#nameOf(world);
  }

  /** What is wrong or missing; asked once for each state. */
  async missing(world: SimWorld): Promise<readonly string[]> {
    const tag = this.tagOf(world);
    const known = this.#known.get(tag);
    if (known !== undefined) return known;
    const problems = [...(await this.#scenario.check(world)), ...(await this.#scenario.checkDone(world))];
    if (problems.length === 0 && this.#scenario.settles === true) problems.push(...(await this.#unsettled(world)));
    this.#known.set(tag, problems);
    return problems;
  }

  async #unsettled(world: SimWorld): Promise<readonly string[]> {
    const again = world.fork();
    this.runs++;
    try {
      await this.#scenario.recover(again.run().machine);
    } catch (error) {
      return [`P7: a second run does not end well: ${failed(error)}`];
    }
    if (this.tagOf(again) === this.tagOf(world)) return [];
    return [`P7: a second run changes something: ${differences(this.#nameOf(world), this.#nameOf(again))}`];
  }
}
