// Counts tests and decides how the run ends.

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

export function totals(tallies: readonly Tally[]): Tally {
  const sum = (key: keyof Tally): number => tallies.reduce((total, tally) => total + tally[key], 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
}

/** The last line of a run: scripts read it. */
export function lastLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** 1 when anything failed or nothing passed; where skipping is not allowed, when anything was skipped. */
export function exitCode({ passed, failed, skipped }: Tally, skipIsFailure: boolean): number {
  return failed > 0 || passed === 0 || (skipIsFailure && skipped > 0) ? 1 : 0;
}
