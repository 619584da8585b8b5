// Everything `npm test` runs: the checks, the unit tests in one process, then the tests of the whole in a process each.
// The last line counts. Words after `--` choose the test files whose path contains one of them: npm test -- planner
import { glob } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { describeCheck, runChecks } from "./check.ts";
import { type Phase, runPhase } from "./test-run/phase.ts";
import { exitCode, lastLine, type Tally, totals } from "./test-run/tally.ts";
import { describeMissing, ensureTools } from "./toolbox/toolbox.ts";

const root = join(import.meta.dirname, "..");
const words = process.argv.slice(2);
const print = (line: string): void => console.log(line);
const tallies: Tally[] = [];

// Ending by `exit` instead of by the signal lets the phases take their processes along.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  process.once(signal, () => process.exit(code));

async function testFiles(...patterns: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const path of glob([...patterns], { cwd: root })) files.push(path);
  const chosen = words.length === 0 ? files : files.filter((path) => words.some((word) => path.includes(word)));
  return chosen.toSorted();
}

const bootFiles = await testFiles("test/boot/**/*.test.ts");
/** Starts of machines take minutes: `npm run test:boot` has all of them, `npm test` these. */
const quickBoots = ["failed-boot", "initrd-functions", "tiny-boots", "secure-boot", "server/fall-back"];
const chosenBoots =
  process.env["HOLDFAST_BOOTS"] === "full"
    ? bootFiles
    : bootFiles.filter((path) => quickBoots.some((name) => path === `test/boot/${name}.test.ts`));

if (words.length === 0) {
  const results = await runChecks((result) => print(describeCheck(result)));
  const failed = results.filter(({ problems }) => problems !== "").length;
  tallies.push({ passed: results.length - failed, failed, skipped: 0 });
}

const { binFolder, missing } = await ensureTools([], { say: (line) => print(`toolbox: ${line}`) });
for (const line of describeMissing(missing)) print(`toolbox: ${line}`);

const environment = { ...process.env, PATH: `${binFolder}${delimiter}${process.env["PATH"] ?? ""}`, LC_ALL: "C.UTF-8" };
const phases: readonly Phase[] = [
  {
    name: "unit",
    files: await testFiles("src/**/*.test.ts", "tools/**/*.test.ts", "bench/**/*.test.ts"),
    together: true,
  },
  {
    name: "whole",
    files: (await testFiles("test/**/*.test.ts")).filter((path) => !bootFiles.includes(path)),
    together: false,
  },
  // Last: whatever is wrong with more than booting was said by then.
  { name: "boots", files: chosenBoots, together: false },
];
for (const phase of phases)
  if (phase.files.length > 0) tallies.push(await runPhase(phase, { root, environment, print }));

const sum = totals(tallies);
const skipIsFailure = process.env["CI"] === "true";
if (skipIsFailure && sum.skipped > 0) print("Skipped tests count as failures where CI=true.");
process.exitCode = exitCode(sum, skipIsFailure);
print(lastLine(sum));
