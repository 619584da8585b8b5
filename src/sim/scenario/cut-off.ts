// A power cut in the past: the machine as a command left it that was cut off at one call, with what survived chosen.
import { type CallInfo, SimCrash } from "../call-gate.ts";
import type { CrashDimension } from "../crash-choices.ts";
import type { SimWorld } from "../machine.ts";
import type { Command } from "./commands.ts";
import type { Sample } from "./sample-machine.ts";

/** Which option of one thing survives; the last one is "all of it". */
export type Survivor = (dimension: CrashDimension) => number;

export const everything: Survivor = ({ options }) => options.length - 1;

/** Of a rename on FAT both names: what was written is there, and so is what was deleted. */
export const bothNames: Survivor = ({ options }) => (options.at(-1) === "free" ? 0 : options.length - 1);
/** Of a rename on FAT neither name, and its clusters belong to nobody. */
export const neitherName: Survivor = ({ options }) => (options[0] === "free" ? 0 : options.length - 1);

/** Power is cut before the first call for which `at` holds. */
export function cutOff(
  command: Command,
  at: (call: CallInfo) => boolean,
  survivor: Survivor,
): (sample: Sample) => Promise<SimWorld> {
  return async ({ world }) => {
    const { machine, gate } = world.run();
    gate.beforeCall = (call): void => {
      if (at(call)) throw new SimCrash(call);
    };
    try {
      await command(machine);
    } catch (error) {
      if (!(error instanceof SimCrash)) throw error;
      return world.afterCrash(world.crashDimensions().map(survivor));
    }
    throw new Error("Assertion failed: the command comes to the call at which the power is cut");
  };
}
