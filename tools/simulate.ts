// `npm run simulate [-- PART OF A NAME ...]`: power is cut at every call of every scenario; prints what was covered and
// the shortest failing schedule (issue 3). SEED, STATES (a crash), CRASHES and SECONDS (a scenario) come from the environment.
import { explore } from "../src/sim/explore.ts";
import { describeReport } from "../src/sim/report/describe-report.ts";
import { catalogue } from "../src/sim/scenario/catalogue.ts";

const setting = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const seed = setting("SEED", 20260301);
const statesPerCrash = setting("STATES", 256);
const crashes = setting("CRASHES", 1);
const seconds = setting("SECONDS", 600);
const wanted = process.argv.slice(2);

const columns = ["calls", "points", "covered", "sampled", "outcomes", "states", "states/s", "wrong"] as const;
const row = (name: string, cells: readonly (string | number)[]): string =>
  `${name.padEnd(70)}${cells.map((cell) => String(cell).padStart(10)).join("")}`;

console.log(
  `seed ${seed}, up to ${statesPerCrash} disk states a crash, ${crashes} ${crashes === 1 ? "crash" : "crashes"} in a row`,
);
console.log(row("scenario", columns));
let states = 0;
let wrong = 0;
for (const { name, make } of catalogue) {
  if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
  const scenario = await make(seed);
  const begin = performance.now();
  const enough = (): boolean => performance.now() - begin > seconds * 1000;
  const report = await explore(scenario, { seed, statesPerCrash, crashes, enough });
  const perSecond = Math.round((report.distinctStates / (performance.now() - begin)) * 1000);
  const { calls, crashPoints, crashPointsCovered, outcomes, distinctStates, violations } = report;
  const sampled = crashPoints - crashPointsCovered;
  const cells = [calls, crashPoints, crashPointsCovered, sampled, outcomes, distinctStates, perSecond, violations];
  console.log(row(name, cells) + (report.stoppedEarly ? "  stopped early" : ""));
  if (violations > 0) console.log(describeReport(report));
  states += distinctStates;
  wrong += violations;
}
console.log(`${states} distinct states, ${wrong} violations`);
process.exitCode = wrong === 0 ? 0 : 1;
