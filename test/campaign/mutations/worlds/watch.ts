// Scenarios that ask for more than the promises, or for less where something else has broken one.
import type { Machine } from "../../../../src/port/machine.ts";
import type { Scenario } from "../../../../src/sim/explore.ts";
import type { SimWorld } from "../../../../src/sim/machine.ts";
import type { Listed } from "../../../../src/sim/scenario/listed.ts";

type Asked = (world: SimWorld) => Promise<readonly string[]>;

/** More to ask: at any moment, when it is done, and of what success promised for good. */
export interface Questions {
  readonly always?: Asked;
  readonly done?: Asked;
  readonly lasting?: Asked;
  /** What the checkers may say: not the agent but someone else did that. */
  readonly spared?: RegExp;
}

export function asking(listed: Listed, { always, done, lasting, spared }: Questions): Listed {
  const both =
    (first: Scenario["check"] | undefined, second: Asked | undefined) =>
    async (world: SimWorld): Promise<readonly string[]> => [
      ...((await first?.(world)) ?? []).filter((line) => spared?.test(line) !== true),
      ...((await second?.(world)) ?? []),
    ];
  return {
    name: listed.name,
    make: async (seed) => {
      const scenario = await listed.make(seed);
      return {
        ...scenario,
        check: both(scenario.check, always),
        checkDone: both(scenario.checkDone, done),
        checkLasting: both(scenario.checkLasting, lasting),
      };
    },
  };
}

/** The ports of a look from outside, that changes nothing. */
export function portsOf(world: SimWorld): Machine {
  return world.fork().run().machine;
}

export async function textAt(world: SimWorld, path: string): Promise<string> {
  const found = world.tree.peek(path);
  return found === undefined || found === "unreadable" ? "" : new TextDecoder().decode(found.bytes());
}
