// What is started on the simulated machine, with the user's component or folder of definitions; otherwise as the command line does.
import { doctorMachine } from "../../agent/command/doctor.ts";
import { rollbackMachine } from "../../agent/command/rollback.ts";
import { updateMachine } from "../../agent/command/update.ts";
import { vacuumMachine } from "../../agent/command/vacuum.ts";
import type { Session } from "../../agent/session.ts";
import type { Machine } from "../../port/machine.ts";
import type { UpdateReport } from "../../wire/reports.ts";
import type { Command } from "../scenario/commands.ts";
import type { DefinitionPlace } from "./definition-files.ts";
import { explicitSource } from "./publish.ts";

export interface OwnCommands {
  readonly session: (machine: Machine) => Session;
  readonly update: Command;
  readonly updateTo: (version: string) => Command;
  readonly rollbackTo: (version: string) => Command;
  readonly vacuum: Command;
  readonly repair: Command;
  readonly plan: (machine: Machine) => Promise<UpdateReport>;
}

export function ownCommands(place: DefinitionPlace): OwnCommands {
  const session = (machine: Machine): Session => ({
    machine,
    settings: { live: true, transferSource: explicitSource, ...place },
    signal: new AbortController().signal,
  });
  return {
    session,
    update: async (machine) => void (await updateMachine(session(machine))),
    updateTo: (version) => async (machine) => void (await updateMachine(session(machine), { version })),
    rollbackTo: (version) => async (machine) => void (await rollbackMachine(session(machine), { version })),
    vacuum: async (machine) => void (await vacuumMachine(session(machine))),
    repair: async (machine) => void (await doctorMachine(session(machine), { deep: true, repair: true })),
    plan: (machine) => updateMachine(session(machine), { dryRun: true }),
  };
}
