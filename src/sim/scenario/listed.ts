// What every family of scenarios is made with: a name with a recipe, and what may have happened to a machine before.
import { Fault } from "../../base/fault.ts";
import { comesUp } from "../check/p6-comes-up.ts";
import type { Scenario } from "../explore.ts";
import type { Command } from "./commands.ts";
import { type Outcome, promised, type Promised } from "./promised.ts";
import { type Layout, type Sample, sampleMachine, type SampleOptions } from "./sample-machine.ts";

export interface Listed {
  readonly name: string;
  readonly make: (seed: number) => Promise<Scenario>;
}

export function listed(name: string, make: (seed: number) => Omit<Promised, "name">): Listed {
  return { name, make: (seed) => promised({ name, ...make(seed) }) };
}

export function sampleOf(
  seed: number,
  layout: Layout,
  installed: readonly string[],
  offered: readonly string[],
  more: Partial<SampleOptions> = {},
): Sample {
  return sampleMachine({ seed, layout, installed, offered, ...more });
}

/** A finished run of `command`, long ago. */
export const did =
  (command: Command) =>
  async ({ world }: Sample): Promise<void> => {
    await command(world.run().machine);
    world.restart();
  };

/** Switched on, found good, and switched off again. */
export const booted = async ({ world, truth }: Sample): Promise<void> => {
  const problems = await comesUp(truth, world, new Set());
  if (problems.length > 0) throw new Error(problems.join());
  world.restart();
};

export const flipped =
  (path: string) =>
  ({ world }: Sample): void =>
    world.tree.corrupt(path, 5_000);

/** One after the other. */
export const inTurn =
  (...commands: readonly Command[]): Command =>
  async (machine) => {
    for (const command of commands) await command(machine);
  };

/** A refusal that is the right answer in some of the states. */
export function unless(codes: readonly string[], command: Command): Command {
  return async (machine) => {
    try {
      await command(machine);
    } catch (error) {
      if (!(error instanceof Fault) || !codes.includes(error.code)) throw error;
    }
  };
}

export const two: readonly Outcome[] = [{ next: "2", kept: ["1", "2"] }];
export const three: readonly Outcome[] = [{ next: "3", kept: ["2", "3"] }];
