import assert from "node:assert/strict";
import { test } from "node:test";
import { explore } from "../explore.ts";
import { FaultExplorer } from "../explore/fault-explorer.ts";
import { publishing } from "./publishing.ts";

/** For each scenario a part of all faults, chosen by the seed; 60000 tries them all. */
const faultMs = Number(process.env["HOLDFAST_PUBLISHING_FAULT_MS"] ?? 500);

for (const { name, make } of publishing) {
  test(`${name}: power may go at any call`, async (t) => {
    const scenario = await make(1);
    const begin = performance.now();
    const report = await explore(scenario, {
      seed: 1,
      statesPerCrash: 8,
      enough: () => performance.now() - begin > 60_000,
    });
    t.diagnostic(
      `${report.calls} calls, ${report.distinctStates} states, ${report.violations} violations, ${Math.round(performance.now() - begin)} ms`,
    );
    assert.deepEqual([report.violations, report.shortest, report.stoppedEarly], [0, undefined, false]);
  });

  // Two at once are about power and order; each alone is tried with faults.
  if (name.includes("order")) continue;
  test(`${name}: any call may fail`, async (t) => {
    const scenario = await make(1);
    const begin = performance.now();
    const explorer = new FaultExplorer(scenario, { seed: 1, statesPerCrash: 8 });
    await explorer.advance(() => performance.now() - begin > faultMs);
    const report = explorer.report();
    t.diagnostic(
      `${report.tried} of ${report.plans} plans, ${report.distinctStates} states, ${report.violations} violations, ${Math.round(performance.now() - begin)} ms`,
    );
    assert.deepEqual([report.violations, report.shortest], [0, undefined]);
  });
}
