// What a person starts on a machine of these worlds, besides the commands that every scenario has.
import { doctorMachine } from "../../../../src/agent/command/doctor.ts";
import type { Session } from "../../../../src/agent/session.ts";
import type { Machine } from "../../../../src/port/machine.ts";
import type { Command } from "../../../../src/sim/scenario/commands.ts";

export const sessionOn = (machine: Machine): Session => ({
  machine,
  settings: { live: true },
  signal: new AbortController().signal,
});

/** Mends what can be mended, whatever is left. */
export const mend: Command = async (machine) => {
  await doctorMachine(sessionOn(machine), { deep: true, repair: true });
};
