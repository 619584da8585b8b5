// `npm run simulate [-- PART OF A NAME ...] [--json FILE] [--junit FILE]`: power is cut at every call of every scenario, in
// every recovery as well, and everything else goes wrong too; prints what was covered and the shortest failing schedule
// (issue 3). SEED, SECONDS (in all), WORKERS, CRASHES (in a row), STATES (looked at for each crash) and FAULTS=0 come from
// the environment.
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { describeShortest } from "../src/sim/report/describe-report.ts";
import { junit } from "../src/sim/report/junit.ts";
import { type ScenarioResult, simulate } from "./simulate/simulate.ts";

const setting = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "string" }, junit: { type: "string" } },
});
const options = {
  seed: setting("SEED", 20260301),
  statesPerCrash: setting("STATES", 256),
  crashes: setting("CRASHES", 4),
  seconds: setting("SECONDS", 600),
  workers: setting("WORKERS", Math.min(2, availableParallelism())),
  faults: setting("FAULTS", 1) !== 0,
  parts: positionals,
};

const columns = ["calls", "points", "covered", "sampled", "in a row", "faults", "states", "states/s", "wrong"] as const;
const row = (name: string, cells: readonly (string | number)[]): string =>
  `${name.padEnd(70)}${cells.map((cell) => String(cell).padStart(10)).join("")}`;

function line(result: ScenarioResult): string {
  const { scenario, calls, crashPoints, crashPointsCovered, crashesCovered, faults, distinctStates, seconds } = result;
  const tried =
    faults === undefined ? "-" : faults.tried === faults.plans ? `${faults.plans}` : `${faults.tried}/${faults.plans}`;
  const perSecond = Math.round(distinctStates / Math.max(seconds, 0.001));
  const sampled = crashPoints - crashPointsCovered;
  return row(scenario, [
    calls,
    crashPoints,
    crashPointsCovered,
    sampled,
    crashesCovered,
    tried,
    distinctStates,
    perSecond,
    result.violations,
  ]);
}

/** The calls of the first run at which not every set of survivors was looked at. */
function sampledCalls({ firstRun }: ScenarioResult): readonly string[] {
  return firstRun
    .filter(({ subsets, tried }) => tried < subsets)
    .map(({ call, what, subsets, tried }) => `    sampled: call ${call}, ${what}: ${tried} of ${subsets} subsets`);
}

const { seed, seconds, workers, crashes, statesPerCrash } = options;
console.log(
  `seed ${seed}, ${seconds} s on ${workers} workers, up to ${crashes} crashes in a row, up to ${statesPerCrash} disk states a crash`,
);
const begin = performance.now();
const isTerminal = process.stdout.isTTY;
const results = await simulate({
  ...options,
  onProgress: (states, scenario) => {
    if (!isTerminal) return;
    const passed = Math.round((performance.now() - begin) / 1000);
    process.stdout.write(`\r\u001b[2K${passed} s, ${states} states: ${scenario}`);
  },
});
if (isTerminal) process.stdout.write("\r\u001b[2K");
console.log(row("scenario", columns));
for (const result of results) {
  console.log(line(result));
  for (const text of sampledCalls(result)) console.log(text);
  for (const text of describeShortest(result)) console.log(text);
}
const states = results.reduce((sum, { distinctStates }) => sum + distinctStates, 0);
const wrong = results.reduce((sum, { violations }) => sum + violations, 0);
const passed = (performance.now() - begin) / 1000;
console.log(
  `${states} distinct states in ${passed.toFixed(0)} s, ${Math.round(states / passed)} states/s, ${wrong} violations (seed ${seed})`,
);
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ ...options, passed, results }, undefined, 1)}\n`);
if (values.junit !== undefined) writeFileSync(values.junit, junit(results, "npm run simulate"));
process.exitCode = wrong === 0 ? 0 : 1;
