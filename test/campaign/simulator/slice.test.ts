// The slice of the simulator in `npm test`: one power cut at every call of every scenario, and for a minute more cuts in the
// recoveries and faults, another part of them each day.
import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../../src/sim/scenario/catalogue.ts";
import { describeReport, describeShortest } from "../../../src/sim/report/describe-report.ts";
import { simulate } from "../../../tools/simulate/simulate.ts";

const dayMs = 86_400_000;
/** For what goes beyond one cut. */
const seconds = 60;

test("scenarios have names of their own", () => {
  const names = catalogue.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
});

test("wherever the power goes, and whatever fails, every promise holds, and the same command finishes the work", async (t) => {
  const seed = Number(process.env["SEED"] ?? Math.floor(Date.now() / dayMs));
  t.diagnostic(`seed ${seed}`);
  const options = { seed, parts: [], statesPerCrash: 64, crashes: 2, seconds, atLeast: 1, workers: 2, faults: true };
  const results = await simulate(options);
  const states = results.reduce((sum, { distinctStates }) => sum + distinctStates, 0);
  const faults = results.reduce((sum, result) => sum + (result.faults?.tried ?? 0), 0);
  t.diagnostic(`${states} distinct states, ${faults} faults, ${results.length} scenarios`);
  for (const result of results) {
    assert.equal(
      result.violations,
      0,
      [`SEED=${seed}`, describeReport(result), ...describeShortest(result)].join("\n"),
    );
    assert.ok(result.crashesCovered >= 1, `${result.scenario}: one cut is covered`);
    assert.ok(result.distinctStates > 0, describeReport(result));
  }
});
