// All plans of one fault for a scenario: at each port call each kind that fits, and media that run full at any byte.
import type { SeededRandom } from "../../base/random.ts";
import type { CallInfo } from "../call-gate.ts";
import type { Scenario } from "../explore.ts";
import type { PlannedFault } from "../fault-plan.ts";
import type { SimWorld } from "../machine.ts";
import { faultsFor } from "./fault-kinds.ts";

/** A file system that takes no more than so many bytes in all. */
export interface FullMedium {
  readonly mountPoint: string;
  readonly limitBytes: number;
}

export interface FaultPlanned {
  readonly fault: PlannedFault | undefined;
  readonly full: FullMedium | undefined;
  /** Number of the call that it falls on; 1 where it is there from the start. */
  readonly call: number;
}

/** Of each file system, so many fill levels are tried besides every boundary of a block that the work crosses. */
const oddLevels = 24;

/** In an order that belongs to the seed, so that a part of them is a sample of all. */
export async function faultPlans(
  scenario: Scenario,
  start: SimWorld,
  random: SeededRandom,
): Promise<{ readonly calls: readonly CallInfo[]; readonly plans: readonly FaultPlanned[] }> {
  const world = start.fork();
  const calls: CallInfo[] = [];
  const peaks = new Map<string, number>();
  const { machine, gate } = world.run();
  gate.beforeCall = (call): void => {
    calls.push(call);
    for (const volume of world.tree.volumes()) {
      const { mountPoint } = volume.settings;
      if (call.changes) peaks.set(mountPoint, Math.max(peaks.get(mountPoint) ?? 0, volume.usedBytes()));
    }
  };
  await scenario.work(machine).catch(() => {});
  const plans: FaultPlanned[] = calls.flatMap((call) =>
    faultsFor(call).map((fault) => ({ fault, full: undefined, call: call.number })),
  );
  for (const volume of start.tree.volumes()) {
    const { mountPoint, blockBytes } = volume.settings;
    const used = volume.usedBytes();
    const levels = new Set<number>();
    const peak = peaks.get(mountPoint) ?? used;
    for (let level = used; level < peak; level += blockBytes) levels.add(level);
    if (peak > used) for (let index = 0; index < oddLevels; index++) levels.add(used + random.below(peak - used));
    for (const limitBytes of levels) plans.push({ fault: undefined, full: { mountPoint, limitBytes }, call: 1 });
  }
  return { calls, plans: shuffled(plans, random) };
}

function shuffled<T>(items: readonly T[], random: SeededRandom): readonly T[] {
  const mixed = [...items];
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T];
  }
  return mixed;
}
