// A run of a command in which one thing goes wrong, with the moments behind it.
import type { SeededRandom } from "../../base/random.ts";
import { type CrashPicks, describePicks } from "../crash-choices.ts";
import type { Scenario } from "../explore.ts";
import type { SimWorld } from "../machine.ts";
import type { FaultPlanned } from "./fault-plans.ts";

export interface MomentBehind {
  readonly world: SimWorld;
  readonly where: string;
}

export interface FaultyRun {
  readonly succeeded: boolean;
  /** Of each changing call behind the fault, the state before it, where `isNew` had not seen it. */
  readonly moments: readonly MomentBehind[];
  /** Power cuts behind the fault, chosen by chance. */
  readonly cuts: readonly (MomentBehind & { readonly picks: CrashPicks })[];
}

export interface FaultyRunOptions {
  readonly cuts: number;
  readonly random: SeededRandom;
  readonly isNew: (world: SimWorld) => boolean;
}

/** Runs `work` on `world`. */
export async function faultyRun(
  { work }: Scenario,
  world: SimWorld,
  { fault, full, call: since }: FaultPlanned,
  { cuts, random, isNew }: FaultyRunOptions,
): Promise<FaultyRun> {
  if (full !== undefined) world.tree.volume(full.mountPoint).limitBytes(full.limitBytes);
  const { machine, gate } = world.run(fault === undefined ? [] : [fault]);
  const moments: MomentBehind[] = [];
  // Every moment behind the fault has the same chance to be among the chosen ones.
  const chosen: MomentBehind[] = [];
  let seen = 0;
  gate.beforeCall = (call): void => {
    if (!call.changes || call.number <= since) return;
    const where = `before call ${call.number}, ${call.port} ${call.name} ${call.subject}`;
    seen++;
    const place = chosen.length < cuts ? chosen.length : random.below(seen);
    if (place < cuts) chosen[place] = { world: world.fork(), where };
    if (isNew(world)) moments.push({ world: world.fork(), where });
  };
  let succeeded = true;
  try {
    await work(machine);
  } catch {
    succeeded = false;
  }
  gate.beforeCall = undefined;
  return { succeeded, moments, cuts: chosen.map((moment) => cutAt(moment, random)) };
}

function cutAt({ world, where }: MomentBehind, random: SeededRandom): MomentBehind & { readonly picks: CrashPicks } {
  const dimensions = world.crashDimensions();
  const picks = dimensions.map(({ options }) => random.below(options.length));
  const survived = describePicks(dimensions, picks);
  return { world, picks, where: survived.length === 0 ? where : `${where}; found: ${survived.join("; ")}` };
}

/** Room again, and every volume takes changes. */
export function endFaults({ tree }: SimWorld): void {
  for (const volume of tree.volumes()) {
    volume.limitBytes(undefined);
    if (volume.readOnly) volume.setReadOnly(false);
  }
}

export function describePlan({ fault, full, call }: FaultPlanned): string {
  if (full !== undefined) return `${full.mountPoint} is full at ${full.limitBytes} bytes`;
  if (fault === undefined) return "no fault";
  const { code, reached, instead } = fault;
  if (instead === undefined)
    return `call ${call} fails with ${code}${reached === undefined ? "" : `, ${reached} had reached the medium`}`;
  return `call ${call}: ${typeof instead === "string" ? instead : JSON.stringify(instead.server)}`;
}
