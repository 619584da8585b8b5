// Part of the campaign: the simulator over all scenarios, for ten minutes on two cores (issue 3, exhaustive where possible).
import { describeShortest } from "../../../src/sim/report/describe-report.ts";
import { type ScenarioResult, simulate } from "../../../tools/simulate/simulate.ts";
import type { Findings, Part, PartOptions } from "../part.ts";

/** At scale 1. */
const seconds = 600;
const workers = 2;
const statesPerCrash = 256;
const crashes = 4;

export const part: Part = {
  name: "simulator",
  title: "The simulated world: power cuts at every call, in every recovery, and every fault",
  tools: [],
  async run({ seed, scale, say }: PartOptions): Promise<Findings> {
    let told = performance.now();
    const begin = told;
    const cpu = process.cpuUsage();
    const results = await simulate({
      seed,
      parts: [],
      statesPerCrash,
      crashes,
      seconds: seconds * scale,
      workers,
      faults: true,
      onProgress: (states, scenario) => {
        if (performance.now() < told + 30_000) return;
        told = performance.now();
        say(`${Math.round((told - begin) / 1000)} s: ${states} states (${scenario})`);
      },
    });
    const { user, system } = process.cpuUsage(cpu);
    return findings(results, (performance.now() - begin) / 1000, (user + system) / 1e6);
  },
};

/** `passed` and `cpu` in seconds: a busy machine gives less of its cores. */
function findings(results: readonly ScenarioResult[], passed: number, cpu: number): Findings {
  const sum = (count: (result: ScenarioResult) => number): number =>
    results.reduce((total, result) => total + count(result), 0);
  const states = sum(({ distinctStates }) => distinctStates);
  const violations = sum((result) => result.violations);
  const covered = sum(({ crashPointsCovered }) => crashPointsCovered);
  const points = sum(({ crashPoints }) => crashPoints);
  const tried = sum(({ faults }) => faults?.tried ?? 0);
  const twice = results.filter(({ crashesCovered }) => crashesCovered >= 2).length;
  return {
    headlines: [
      {
        question: `broken promises in ${grouped(states)} distinct simulated states, each booted and recovered from`,
        holdfast: String(violations),
        kept: violations === 0,
      },
      {
        question: "distinct states in ten minutes on two cores (the goal is a million)",
        holdfast: `${grouped(states)} in ${Math.round(passed)} s (${Math.round(cpu)} s of CPU time)`,
        kept: states >= 1_000_000,
      },
    ],
    told:
      `The agent ran on simulated disks, network, firmware and boot loader, and the publisher on such disks, in ${results.length} ` +
      "scenarios. Power was cut before every " +
      `port call that changes something, every disk state that can follow was looked at (up to ${statesPerCrash} for each cut, ` +
      `samples beyond: ${grouped(covered)} of ${grouped(points)} cuts were covered completely), the machine was booted, the ` +
      "command was run again, and power was cut in that as well, " +
      `up to ${crashes} times in a row; ${twice} of ${results.length} scenarios were finished for two cuts in a row. ` +
      `Besides, ${grouped(tried)} runs had one fault each: a call that fails, a flush of which nothing, a part or all arrives, ` +
      "wrong bytes, short reads, rot, media that run full at some byte or turn read-only, and servers and lines that do what " +
      "they do; with power cuts behind some of them. Two states are one when every file is in the same class in the same " +
      "place. Checkers, one file a promise, looked at every state.",
    tables: [
      {
        columns: [
          "scenario",
          "port calls",
          "cuts",
          "all subsets",
          "sampled",
          "cuts in a row, finished",
          "faults tried",
          "of",
          "distinct states",
          "states/s",
          "violations",
        ],
        rows: results.map((result) => [
          result.scenario,
          result.calls,
          result.crashPoints,
          result.crashPointsCovered,
          result.crashPoints - result.crashPointsCovered,
          result.crashesCovered,
          result.faults?.tried ?? 0,
          result.faults?.plans ?? 0,
          result.distinctStates,
          Math.round(result.distinctStates / Math.max(result.seconds, 0.001)),
          result.violations,
        ]),
      },
    ],
    wrong: results
      .filter((result) => result.violations > 0)
      .map((result) => [`${result.scenario}: ${result.violations} times`, ...describeShortest(result)].join(" ")),
    notTried: results
      .filter(({ stoppedEarly }) => stoppedEarly)
      .map(({ scenario, crashesCovered }) => `${scenario}: time was up after ${crashesCovered} cuts in a row`),
  };
}

function grouped(count: number): string {
  return count.toLocaleString("en");
}
