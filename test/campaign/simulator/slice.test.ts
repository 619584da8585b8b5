// The slice of the simulator in `npm test`: one power cut at every call of a part of the scenarios, another part each day
// beside those that issue 3 names; then, for what is left of a minute, faults and cuts in the recoveries.
import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../../src/sim/scenario/catalogue.ts";
import { describeReport, describeShortest } from "../../../src/sim/report/describe-report.ts";
import { simulate } from "../../../tools/simulate/simulate.ts";

const dayMs = 86_400_000;
/** One cut at every call is finished whatever time it takes: on a quiet machine a third of this. */
const seconds = 55;
/** So many days come round to every scenario. */
const days = 8;

/** One of each kind that issue 3 names ("Exhaustive where possible"). */
const always = [
  "first install",
  "v1 to v2, images on ext4",
  "v2 to v3, v1 goes, images on ext4",
  "v1 to v2, two slots",
  "v1 to v2, trees with a link",
  "v1 to v2, subvolumes with a link",
  "two at once: update and update, which waits (order 1)",
  "rollback from v2 to v1",
  "repair of an entry without its image (KDE Linux, March 2026)",
  "repair of an entry without its image, then update, two slots, packed",
  "vacuum with an entry without its image",
  "a feature switched on, then v3",
  "v2 published again with other bytes",
  "definitions: the target moved, then v3",
  "damage: an ESP not unmounted, lost clusters become files",
  "leftovers of systemd-sysupdate: an entry in place whose image never came",
];

const names = catalogue.map(({ name }) => name);

function dealt(seed: number): readonly string[] {
  const others = names.filter((name) => !always.includes(name));
  return [...always, ...others.filter((_, index) => index % days === seed % days)];
}

test("scenarios have names of their own, and those that are always simulated exist", () => {
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(
    always.filter((name) => !names.includes(name)),
    [],
  );
});

test("every scenario has its day", () => {
  const all = Array.from({ length: days }, (_, day) => dealt(20_000 + day)).flat();
  assert.deepEqual([...new Set(all)].sort(), [...names].sort());
});

test("wherever the power goes, every promise holds, and the same command finishes the work", async (t) => {
  const seed = Number(process.env["SEED"] ?? Math.floor(Date.now() / dayMs));
  const scenarios = dealt(seed);
  const left = names.filter((name) => !scenarios.includes(name));
  t.diagnostic(`seed ${seed}: ${scenarios.length} of ${names.length} scenarios`);
  t.diagnostic(`left for npm run simulate, or for another day: ${left.join("; ")}`);
  const results = await simulate({
    seed,
    names: scenarios,
    parts: [],
    statesPerCrash: 256,
    crashes: 2,
    seconds,
    atLeast: 1,
    workers: 2,
    faults: true,
  });
  assert.deepEqual(results.map(({ scenario }) => scenario).sort(), [...scenarios].sort());
  const states = results.reduce((sum, { distinctStates }) => sum + distinctStates, 0);
  const faults = results.reduce((sum, result) => sum + (result.faults?.tried ?? 0), 0);
  t.diagnostic(`${states} distinct states, ${faults} faults`);
  for (const result of results) {
    const { scenario, violations, crashesCovered, distinctStates, firstRun } = result;
    assert.equal(violations, 0, [`SEED=${seed}`, describeReport(result), ...describeShortest(result)].join("\n"));
    assert.ok(crashesCovered >= 1, `${scenario}: every state behind one cut was booted and recovered from`);
    assert.deepEqual(
      firstRun.filter(({ subsets, tried }) => subsets === 0 || tried < subsets),
      [],
      `${scenario}: at every call all that can survive a cut was looked at`,
    );
    assert.ok(distinctStates > 0, describeReport(result));
  }
});
