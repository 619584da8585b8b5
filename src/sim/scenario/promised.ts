// Turns a sample machine and a command into a scenario that demands every promise, at every moment and in the end.
import { noEntryWithoutImage } from "../check/p1-no-entry-without-image.ts";
import { nothingTakenFromUnder } from "../check/p2-nothing-from-under.ts";
import { fallsBack } from "../check/p3-falls-back.ts";
import { keptVersions } from "../check/p3-way-back.ts";
import { bootableAndNext, nextEntry } from "../check/p5-bootable-and-next.ts";
import { comesUp, comesUpUnblessed } from "../check/p6-comes-up.ts";
import { nothingLeftOver } from "../check/p6-nothing-left-over.ts";
import { onlyProvenBytes, unpublished } from "../check/p9-only-proven.ts";
import { foreignFilesUntouched } from "../check/p11-foreign-files.ts";
import { seenEntries } from "../check/seen-entries.ts";
import type { Habits } from "../check/starts.ts";
import { nameState, tagMoment, tagState } from "../check/state-name.ts";
import type { Scenario } from "../explore.ts";
import type { PlannedFault } from "../fault-plan.ts";
import type { SimWorld } from "../machine.ts";
import { type Command, update } from "./commands.ts";
import type { Sample } from "./sample-machine.ts";

/** What is to be there in the end. */
export interface Outcome {
  /** What boots next; any of the kept when absent. */
  readonly next?: string;
  readonly kept: readonly string[];
  /** Work is not finished, and need not be: what is left of it may lie about. */
  readonly unfinished?: true;
  /** One of `broken` may boot next, as it did at the start: it was not the work to mend it. */
  readonly brokenNext?: true;
}

// biome-ignore lint/suspicious/noConfusingVoidType: most steps only change the world they are given
export type Step = (sample: Sample) => Promise<SimWorld | void> | SimWorld | void;

export interface Promised {
  readonly name: string;
  readonly sample: Sample;
  /** What happened to the machine before. A step may hand on another world, as a power cut does. */
  readonly before?: readonly Step[];
  readonly work: Command;
  /** A plain update when absent. */
  readonly recover?: Command;
  /** Which is right depends on what came up after the power cut. */
  readonly outcomes: readonly Outcome[];
  /** Right as well where nothing comes between `work` and its end, and `recover` has not run. */
  readonly afterWork?: readonly Outcome[];
  /** Right as well where a call, a medium or a server failed in the middle of `work`; behind power cuts alone it is not. */
  readonly afterFault?: readonly Outcome[];
  /** Versions that stay whole from the first moment to the last. */
  readonly always: readonly string[];
  /** Instead of those, where a fault came before the power cut; the same when absent. */
  readonly alwaysAfterFault?: readonly string[];
  /** Versions that are broken at the start. */
  readonly broken?: readonly string[];
  /** Of those, the ones that come up all the same. */
  readonly limping?: readonly string[];
  /** How else the machine behaves; its initrd waits for ever for a missing image where no version is `broken`. */
  readonly habits?: Omit<Habits, "limping">;
  /** What the power cut is followed by: a boot that is found good, one that nobody has judged yet, or none. */
  readonly boots?: "blessed" | "unblessed" | "no";
  /** Whether `recover`, run where it is done, changes nothing; it does when absent. */
  readonly settles?: boolean;
  /** Paths that may be left over. */
  readonly remains?: readonly string[];
  readonly faults?: readonly PlannedFault[];
  /** What else is to hold at every moment. */
  readonly also?: (world: SimWorld) => readonly string[];
  /** What else is to hold once the work is done. */
  readonly alsoDone?: (world: SimWorld) => readonly string[];
  /** What of that no power cut takes back. */
  readonly alsoLasting?: (world: SimWorld) => readonly string[];
}

export async function promised(spec: Promised): Promise<Scenario> {
  const { sample, always, boots = "blessed" } = spec;
  const { truth } = sample;
  let { world } = sample;
  for (const step of spec.before ?? []) world = (await step({ world, truth })) ?? world;
  world.restart();
  const start = world.fork();
  const junk = unpublished(truth, start);
  const broken = new Set(spec.broken);
  const habits: Habits = {
    imageMissing: broken.size === 0 ? "hang" : "reboot",
    ...spec.habits,
    limping: new Set(spec.limping),
  };
  const hadWayBack =
    (await seenEntries(truth, start)).length > 0 && (await fallsBack(truth, start, habits)).length === 0;
  type Judges = Required<Pick<Scenario, "check" | "checkDone" | "checkLasting">>;
  const judgeBy = (outcomes: readonly Outcome[], stays: readonly string[]): Judges => ({
    check: async (now) => [
      ...(await noEntryWithoutImage(truth, now, broken)),
      ...(await nothingTakenFromUnder(truth, start, now)),
      ...(await keptVersions(truth, now, stays)),
      ...(hadWayBack ? await fallsBack(truth, now, habits) : []),
      ...onlyProvenBytes(truth, now, junk),
      ...foreignFilesUntouched(truth, now),
      ...(spec.also?.(now) ?? []),
    ],
    checkDone: async (now) => [
      ...(await fewest(outcomes, (outcome) => missing(spec, now, outcome))),
      ...(spec.alsoDone?.(now) ?? []),
    ],
    checkLasting: async (now) => [
      ...(await fewest(outcomes, (outcome) => nextOf(spec, now, outcome))),
      ...(spec.alsoLasting?.(now) ?? []),
    ],
  });
  return {
    name: spec.name,
    world,
    work: spec.work,
    recover: spec.recover ?? update,
    settles: spec.settles ?? true,
    nameState,
    tagState,
    tagMoment,
    ...(spec.faults === undefined ? {} : { faults: spec.faults }),
    ...judgeBy(spec.outcomes, always),
    ...(spec.afterWork === undefined ? {} : { afterWork: judgeBy([...spec.outcomes, ...spec.afterWork], always) }),
    ...(spec.afterFault === undefined
      ? {}
      : { afterFault: judgeBy([...spec.outcomes, ...spec.afterFault], spec.alwaysAfterFault ?? always) }),
    boot: async (now) => {
      // Where nothing was installed yet, nothing has to come up.
      if ((await seenEntries(truth, start)).length === 0 && (await seenEntries(truth, now)).length === 0) return [];
      // Without a boot in between, that it would come up still counts.
      if (boots === "no") return comesUpUnblessed(truth, now.fork(), habits);
      return boots === "unblessed" ? comesUpUnblessed(truth, now, habits) : comesUp(truth, now, habits.limping, habits);
    },
  };
}

async function missing(spec: Promised, now: SimWorld, outcome: Outcome): Promise<readonly string[]> {
  const { remains = [], broken = [] } = spec;
  const { truth } = spec.sample;
  const { kept, unfinished } = outcome;
  return [
    ...(await nextOf(spec, now, outcome)),
    ...(await noEntryWithoutImage(truth, now, new Set(unfinished === true ? broken : []))),
    ...(await keptVersions(truth, now, kept)),
    ...(unfinished === true ? [] : nothingLeftOver(truth, now, kept, remains)),
  ];
}

async function nextOf(
  { sample: { truth }, broken = [] }: Promised,
  now: SimWorld,
  { next, kept, brokenNext }: Outcome,
): Promise<readonly string[]> {
  const problems = await fewest(next === undefined ? kept : [next], (version) => bootableAndNext(truth, now, version));
  if (problems.length === 0 || brokenNext !== true) return problems;
  return broken.includes((await nextEntry(truth, now)).seen?.version ?? "") ? [] : problems;
}

/** The problems of the alternative that has fewest. */
async function fewest<T>(
  alternatives: readonly T[],
  ask: (alternative: T) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  let best: readonly string[] | undefined;
  for (const alternative of alternatives) {
    const problems = await ask(alternative);
    if (problems.length === 0) return [];
    if (best === undefined || problems.length < best.length) best = problems;
  }
  return best ?? [];
}
