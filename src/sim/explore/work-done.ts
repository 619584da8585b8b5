// Judges where a command has ended well: safe, everything there, and a second run changes nothing (P5, P6, P7).
import type { Scenario } from "../explore.ts";
import type { SimWorld } from "../machine.ts";
import { differences } from "./differences.ts";
import { failed } from "./schedule.ts";

export class WorkDone {
  /** Second runs. */
  runs: number = 0;
  readonly #scenario: Scenario;
  /** By name of state: what is missing there. */
  readonly #known: Map<string, readonly string[]> = new Map();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  nameOf(world: SimWorld): string {
    return this.#scenario.nameState?.(world) ?? world.key();
  }

  /** What is wrong or missing; asked once for each name of a state. */
  async missing(world: SimWorld): Promise<readonly string[]> {
    const name = this.nameOf(world);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const problems = [...(await this.#scenario.check(world)), ...(await this.#scenario.checkDone(world))];
    if (problems.length === 0 && this.#scenario.settles === true)
      problems.push(...(await this.#unsettled(world, name)));
    this.#known.set(name, problems);
    return problems;
  }

  async #unsettled(world: SimWorld, name: string): Promise<readonly string[]> {
    const again = world.fork();
    this.runs++;
    try {
      await this.#scenario.recover(again.run().machine);
    } catch (error) {
      return [`P7: a second run does not end well: ${failed(error)}`];
    }
    const after = this.nameOf(again);
    return after === name ? [] : [`P7: a second run changes something: ${differences(name, after)}`];
  }
}
