// A way into a state: faults and crashes by number of call. Small to keep, and run again for telling it and for making it smaller.
import { type CrashPicks, describePicks } from "../crash-choices.ts";
import type { Scenario } from "../explore.ts";
import type { PlannedFault } from "../fault-plan.ts";
import type { SimWorld } from "../machine.ts";

/** A power cut before a call of a run; the runs follow one another: the work, then recoveries. */
export interface Cut {
  readonly call: number;
  readonly picks: CrashPicks;
}

export interface Schedule {
  readonly faults: readonly PlannedFault[];
  readonly cuts: readonly Cut[];
}

export interface Replay {
  /** What goes wrong; none when nothing does. */
  readonly what: readonly string[];
  readonly lines: readonly string[];
  /** For each cut, how many outcomes each unflushed thing has. */
  readonly sizes: readonly (readonly number[])[];
}

interface Moment {
  readonly world: SimWorld;
  readonly where: string;
  readonly done: boolean;
}

/** Goes the way once more. Stops where something is wrong, as the explorer does. */
export async function replay(scenario: Scenario, start: SimWorld, { faults, cuts }: Schedule): Promise<Replay> {
  let world = start.fork();
  const lines = faults.map(describeFault);
  const sizes: number[][] = [];
  for (const [index, { call, picks }] of cuts.entries()) {
    const moment = await runUntil(
      world,
      index === 0 ? scenario.work : scenario.recover,
      index === 0 ? faults : [],
      call,
    );
    if (moment === undefined) return { what: [], lines, sizes };
    const dimensions = moment.world.crashDimensions();
    const survived = describePicks(dimensions, picks);
    sizes.push(dimensions.map(({ options }) => options.length));
    lines.push(`power cut ${moment.where}${survived.length === 0 ? "" : `; found: ${survived.join("; ")}`}`);
    world = moment.world.afterCrash(picks);
    const { checkLasting } = index > 0 ? scenario : { ...scenario, ...scenario.afterWork };
    const lasting = moment.done ? ((await checkLasting?.(world)) ?? []) : [];
    const what = [...lasting, ...(await scenario.check(world)), ...((await scenario.boot?.(world)) ?? [])];
    if (what.length > 0) return { what, lines, sizes };
  }
  return { what: await recoverFrom(scenario, world, faults, cuts), lines, sizes };
}

async function recoverFrom(
  scenario: Scenario,
  world: SimWorld,
  faults: readonly PlannedFault[],
  cuts: readonly Cut[],
): Promise<readonly string[]> {
  if (cuts.length === 0 && faults.length > 0) {
    const { problems } = await runAll(world, scenario.work, faults, scenario.check);
    if (problems.length > 0) return problems;
  }
  const first = cuts.length === 0 && faults.length === 0;
  const failure = await failureOf(world, first ? scenario.work : scenario.recover);
  const { checkDone } = first ? { ...scenario, ...scenario.afterWork } : scenario;
  return [...failure, ...(await scenario.check(world)), ...(await checkDone(world))];
}

/** Runs to the end, and checks every moment at which something changes. The work may fail. */
async function runAll(
  world: SimWorld,
  work: Scenario["work"],
  faults: readonly PlannedFault[],
  check: Scenario["check"],
): Promise<{ readonly problems: readonly string[] }> {
  const { machine, gate } = world.run(faults);
  const moments: SimWorld[] = [];
  gate.beforeCall = (call): void => {
    if (call.changes) moments.push(world.fork());
  };
  await work(machine).catch(() => {});
  gate.beforeCall = undefined;
  for (const moment of [...moments, world]) {
    const problems = await check(moment);
    if (problems.length > 0) return { problems };
  }
  return { problems: [] };
}

async function failureOf(world: SimWorld, work: Scenario["work"]): Promise<readonly string[]> {
  try {
    await work(world.run().machine);
    return [];
  } catch (error) {
    return [failed(error)];
  }
}

export function failed(error: unknown): string {
  return `it failed: ${error instanceof Error ? error.message : String(error)}`;
}

/** The world before the call with this number. The run goes on to its end: nothing of it is left behind half-way. */
async function runUntil(
  world: SimWorld,
  work: Scenario["work"],
  faults: readonly PlannedFault[],
  number: number,
): Promise<Moment | undefined> {
  const { machine, gate } = world.run(faults);
  let moment: Moment | undefined;
  gate.beforeCall = (call): void => {
    if (call.number !== number) return;
    const where = `before call ${call.number}, ${call.port} ${call.name} ${call.subject}`;
    moment = { done: false, where, world: world.fork() };
  };
  let done = true;
  try {
    await work(machine);
  } catch {
    done = false;
  }
  gate.beforeCall = undefined;
  if (moment === undefined && gate.calls + 1 === number)
    return { done, where: "after the last call", world: world.fork() };
  return moment;
}

function describeFault(fault: PlannedFault): string {
  const { call, port = "any port", name = "any call", subject, code, reached } = fault;
  const which = call === undefined ? `${port} ${name}${subject === undefined ? "" : ` ${subject}`}` : `call ${call}`;
  return `${which} fails with ${code}${reached === undefined ? "" : `, ${reached} reached the medium`}`;
}

/** Replays of a shrinking, at most. */
const triesMax = 60;

/** The same violation with fewer crashes, and with more of what was not flushed surviving, as far as a few tries find it. */
export async function shrink(scenario: Scenario, start: SimWorld, found: Schedule): Promise<Schedule> {
  let best = found;
  let tries = 0;
  const fails = async (candidate: Schedule): Promise<boolean> =>
    tries++ < triesMax && (await replay(scenario, start, candidate)).what.length > 0;
  for (let index = best.cuts.length - 1; index >= 0; index--) {
    const fewer = { ...best, cuts: best.cuts.toSpliced(index, 1) };
    if (best.cuts.length > 1 && (await fails(fewer))) best = fewer;
  }
  const { sizes } = await replay(scenario, start, best);
  for (const [index, { picks }] of best.cuts.entries()) {
    for (const at of picks.keys()) {
      const cut = best.cuts[index];
      const everything = (sizes[index]?.[at] ?? 1) - 1;
      if (cut === undefined || cut.picks[at] === everything) continue;
      const simpler = { ...best, cuts: best.cuts.with(index, { ...cut, picks: cut.picks.with(at, everything) }) };
      if (await fails(simpler)) best = simpler;
    }
  }
  return best;
}
