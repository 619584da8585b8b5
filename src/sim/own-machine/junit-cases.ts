// The answer of `holdfast simulate` as JUnit: a test case for each scenario, and one for each finding that is an error.
import type { ExploreReport } from "../explore.ts";
import { junit } from "../report/junit.ts";
import type { Simulation } from "./report.ts";

export function simulationJunit({ report, explored }: Simulation): string {
  const errors = report.findings.filter(({ severity }) => severity === "error");
  const cases = errors.map(({ code, subject, sentence, remedy }): ExploreReport => {
    const shortest = { what: [sentence, ...(remedy === "" ? [] : [remedy])], schedule: [], crashes: 0 };
    return { ...nothingExplored, scenario: `${code}: ${subject}`, seed: report.seed, violations: 1, shortest };
  });
  const none = errors.length > 0 ? [] : [{ ...nothingExplored, scenario: "definitions", seed: report.seed }];
  return junit([...explored, ...cases, ...none], `holdfast simulate ${report.folders.join(" ")}`);
}

const nothingExplored: Omit<ExploreReport, "scenario" | "seed"> = {
  calls: 0,
  crashPoints: 0,
  crashPointsCovered: 0,
  outcomes: 0,
  distinctStates: 0,
  crashesCovered: 0,
  runs: 0,
  violations: 0,
  shortest: undefined,
  stoppedEarly: false,
  firstRun: [],
};
