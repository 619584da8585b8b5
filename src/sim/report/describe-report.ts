// A report of explored states as lines for a person; the seed comes with every failure (issue 3, report).
import type { ExploreReport } from "../explore.ts";

/** One line of counts; where something is wrong, what it is and the shortest way there. */
export function describeReport(report: ExploreReport): string {
  const { scenario, seed, calls, crashPoints, crashPointsCovered, outcomes, distinctStates, violations } = report;
  const lines = [
    `${scenario} (seed ${seed}): ${calls} calls, ${crashPoints} crash points, ${crashPointsCovered} of them in all states, ` +
      `${outcomes} outcomes, ${distinctStates} distinct states, ${violations} violations${report.stoppedEarly ? ", stopped early" : ""}`,
    ...describeShortest(report),
  ];
  return lines.join("\n");
}

/** What is wrong and how to come there; nothing when all is well. */
export function describeShortest({ shortest }: Pick<ExploreReport, "shortest">): readonly string[] {
  if (shortest === undefined) return [];
  return [...shortest.what.map((one) => `  ! ${one}`), ...shortest.schedule.map((one) => `    ${one}`)];
}
