// What a person or a timer starts on the simulated machine: the agent's commands, as the command line calls them.
import { pinVersion } from "../../agent/command/pins.ts";
import { doctorMachine } from "../../agent/command/doctor.ts";
import { rollbackMachine } from "../../agent/command/rollback.ts";
import type { Session } from "../../agent/session.ts";
import { updateMachine } from "../../agent/command/update.ts";
import { vacuumMachine } from "../../agent/command/vacuum.ts";
import type { Machine } from "../../port/machine.ts";
import type { Progress } from "../../port/progress.ts";

export type Command = (machine: Machine) => Promise<void>;

/** Machines on which a command waits for another one to finish. */
const patient: WeakSet<Machine> = new WeakSet();

const sessionOn = (machine: Machine): Session => ({
  machine,
  settings: { live: true, ...(patient.has(machine) ? { lockWaitMs: 3_600_000 } : {}) },
  signal: new AbortController().signal,
});

/** Waits for whoever runs. */
export const waiting =
  (command: Command): Command =>
  (machine) => {
    const own = { ...machine };
    patient.add(own);
    return command(own);
  };

export const update: Command = async (machine) => {
  await updateMachine(sessionOn(machine));
};

/** Of a component instead of the host. */
export function updateOf(component: string): Command {
  return async (machine) => {
    const session = sessionOn(machine);
    await updateMachine({ ...session, settings: { ...session.settings, component } });
  };
}

export function updateTo(version: string): Command {
  return async (machine) => {
    await updateMachine(sessionOn(machine), { version });
  };
}

export function rollbackTo(version: string): Command {
  return async (machine) => {
    await rollbackMachine(sessionOn(machine), { version });
  };
}

export const vacuum: Command = async (machine) => {
  await vacuumMachine(sessionOn(machine));
};

export function pin(version: string): Command {
  return (machine) => pinVersion(sessionOn(machine), version);
}

/** Ends well where no error is left, as the exit code of the command line has it, and nothing is unknown for want of a source. */
export const repair: Command = async (machine) => {
  let warned = false;
  const progress: Progress = {
    report: (event) => {
      warned ||= event.kind === "warning";
      machine.progress.report(event);
    },
  };
  const session = { ...sessionOn(machine), machine: { ...machine, progress } };
  const { findings } = await doctorMachine(session, { deep: true, repair: true });
  const left = findings.filter(({ severity, code }) => severity === "error" || (warned && code === "unvouched"));
  if (left.length > 0) throw new Error(`it is left that ${left.map(({ sentence }) => sentence).join("; ")}`);
};
