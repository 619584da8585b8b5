// A process of its own with one thing taken away: runs scenario after scenario until a promise is broken, and says how.
// Told what to do by the environment variable HUNT, speaks JSON lines: each scenario as it begins, then what came of it.
import { describeReport } from "../../../src/sim/report/describe-report.ts";
import { explore, type Scenario } from "../../../src/sim/explore.ts";
import { FaultExplorer } from "../../../src/sim/explore/fault-explorer.ts";
import type { Hunt, Told } from "./hunt.ts";
import { scenarios } from "./scenarios.ts";

const hunt = JSON.parse(process.env["HUNT"] ?? "{}") as Hunt;
const tell = (told: Told): void => void process.stdout.write(`${JSON.stringify(told)}\n`);

interface Watched {
  readonly scenario: Scenario;
  readonly broken: () => boolean;
}

/** The scenario, and whether any of its checkers has found anything yet. */
function watched(scenario: Scenario): Watched {
  let broken = false;
  const watch =
    <T extends readonly unknown[]>(ask: (...args: T) => Promise<readonly string[]> | readonly string[]) =>
    async (...args: T): Promise<readonly string[]> => {
      const problems = await ask(...args);
      broken ||= problems.length > 0;
      return problems;
    };
  const demand =
    (command: Scenario["work"]): Scenario["work"] =>
    async (machine) => {
      try {
        await command(machine);
      } catch (error) {
        broken = true;
        throw error;
      }
    };
  const { boot, checkLasting } = scenario;
  return {
    scenario: {
      ...scenario,
      check: watch(scenario.check),
      checkDone: watch(scenario.checkDone),
      ...(boot === undefined ? {} : { boot: watch(boot) }),
      ...(checkLasting === undefined ? {} : { checkLasting: watch(checkLasting) }),
      work: scenario.faults === undefined ? demand(scenario.work) : scenario.work,
      recover: demand(scenario.recover),
    },
    broken: () => broken,
  };
}

/** What went wrong in this scenario, in the words of the first checker that saw it. */
async function findIn(name: string): Promise<string | undefined> {
  const listed = scenarios.find((item) => item.name === name);
  if (listed === undefined) throw new Error(`Cannot run the scenario ${name}: there is none of that name`);
  let made: Scenario;
  try {
    made = await listed.make(hunt.seed);
  } catch (error) {
    return `on the way there: ${error instanceof Error ? error.message : String(error)}`;
  }
  const { scenario, broken } = watched(made);
  const { seed, statesPerCrash, crashes, maxStates } = hunt;
  // The one that found it last time is given all the time it takes.
  const late = (): boolean => name !== hunt.scenarios[0] && performance.now() > hunt.secondsMax * 1000;
  const enough = (): boolean => broken() || late();
  if (hunt.faults === true) {
    const explorer = new FaultExplorer(scenario, { seed, statesPerCrash });
    await explorer.advance(() => explorer.report().violations > 0 || late());
    const { shortest } = explorer.report();
    if (hunt.verbose === true) console.error(JSON.stringify(explorer.report(), undefined, 1));
    return shortest?.what[0];
  }
  const report = await explore(scenario, { seed, statesPerCrash, crashes, maxStates, enough });
  if (hunt.verbose === true) console.error(describeReport(report));
  return report.shortest?.what[0];
}

for (const name of hunt.scenarios) {
  if (performance.now() > hunt.secondsMax * 1000) break;
  tell({ kind: "begins", scenario: name });
  const saw = await findIn(name);
  if (saw === undefined) continue;
  tell({ kind: "found", scenario: name, saw });
  if (hunt.every !== true) process.exit(0);
}
tell({ kind: "survived" });
