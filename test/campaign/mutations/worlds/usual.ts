// What many of these worlds begin with, and what a person starts in them besides the commands that every scenario has.
import { cleanUp } from "../../../../src/agent/command/cleanup.ts";
import { doctorMachine } from "../../../../src/agent/command/doctor.ts";
import type { Session } from "../../../../src/agent/session.ts";
import type { Machine } from "../../../../src/port/machine.ts";
import { simDigest } from "../../../../src/sim/digest/sim-digest.ts";
import type { Content } from "../../../../src/sim/disk/content.ts";
import { type Command, rollbackTo } from "../../../../src/sim/scenario/commands.ts";
import { sampleOf, two } from "../../../../src/sim/scenario/listed.ts";
import type { Promised } from "../../../../src/sim/scenario/promised.ts";

export const state = "/var/lib/holdfast";

export const sessionOn = (machine: Machine): Session => ({
  machine,
  settings: { live: true },
  signal: new AbortController().signal,
});

/** Mends what can be mended, whatever is left. */
export const mend: Command = async (machine) => {
  await doctorMachine(sessionOn(machine), { deep: true, repair: true });
};

export const cleanup: Command = async (machine) => {
  await cleanUp(sessionOn(machine), { all: false });
};

/** Version 1 runs, version 2 is offered. */
export const toTwo = (seed: number): Pick<Promised, "sample" | "outcomes" | "always"> => ({
  sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
  outcomes: two,
  always: ["1"],
});

/** The same, and later from version 2 back to 1. */
export const backToOne = (seed: number): Pick<Promised, "sample" | "work" | "recover" | "outcomes" | "always"> => ({
  sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
  work: rollbackTo("1"),
  recover: rollbackTo("1"),
  outcomes: [{ next: "1", kept: ["1", "2"] }],
  always: ["1"],
});

export function sha256Of(content: Content): string {
  const hasher = simDigest.sha256();
  hasher.update(content.bytes());
  return hasher.finish();
}

/** Under which a download lies before it has its name. */
export function hiddenName(content: Content): string {
  return `.holdfast-${sha256Of(content).slice(0, 16)}`;
}
