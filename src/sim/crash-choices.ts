// Which of the things not yet flushed survived a crash: every combination up to a bound, sampled beyond it (P6).
import type { SeededRandom } from "../base/random.ts";

/** One thing that a crash decides independently of the others. The first option is "nothing of it", the last "all of it". */
export interface CrashDimension {
  readonly what: string;
  readonly options: readonly string[];
}

/** An option for each dimension, by index. */
export type CrashPicks = readonly number[];

/** How many combinations there are; may exceed what a number holds exactly. */
export function countChoices(dimensions: readonly CrashDimension[]): number {
  return dimensions.reduce((product, dimension) => product * dimension.options.length, 1);
}

/**
 * All combinations when there are at most `bound`; otherwise `bound` different ones: all or nothing first, then every
 * single deviation from either, then random ones.
 */
export function* crashChoices(
  dimensions: readonly CrashDimension[],
  bound: number,
  random: SeededRandom,
): Generator<CrashPicks> {
  const sizes = dimensions.map((dimension) => dimension.options.length);
  if (countChoices(dimensions) <= bound) {
    yield* everyChoice(sizes);
    return;
  }
  const seen = new Set<string>();
  const isNew = (picks: CrashPicks): boolean => {
    const key = picks.join();
    if (seen.has(key) || seen.size >= bound) return false;
    seen.add(key);
    return true;
  };
  for (const picks of deviations(sizes)) if (isNew(picks)) yield picks;
  // More combinations than `bound` exist, so a new one turns up; the limit is for the unlucky.
  for (let tries = 0; seen.size < bound && tries < bound * 8; tries++) {
    const picks = sizes.map((size) => random.below(size));
    if (isNew(picks)) yield picks;
  }
}

function* everyChoice(sizes: readonly number[]): Generator<CrashPicks> {
  const picks = sizes.map(() => 0);
  for (;;) {
    yield [...picks];
    let index = 0;
    while (index < picks.length && picks[index] === (sizes[index] ?? 1) - 1) picks[index++] = 0;
    if (index === picks.length) return;
    picks[index] = (picks[index] ?? 0) + 1;
  }
}

function* deviations(sizes: readonly number[]): Generator<CrashPicks> {
  const nothing = sizes.map(() => 0);
  const everything = sizes.map((size) => size - 1);
  yield nothing;
  yield everything;
  for (const [index, size] of sizes.entries()) {
    for (let option = 0; option < size; option++) {
      yield everything.with(index, option);
      yield nothing.with(index, option);
    }
  }
}

/** What was picked, in words, without what had one outcome only. */
export function describePicks(dimensions: readonly CrashDimension[], picks: CrashPicks): readonly string[] {
  return dimensions.flatMap(({ what, options }, index) =>
    options.length < 2 ? [] : [`${what}: ${options[picks[index] ?? 0] ?? "?"}`],
  );
}
