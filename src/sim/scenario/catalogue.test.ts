import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { explore } from "../explore.ts";
import { describeReport } from "../report/describe-report.ts";
import { catalogue } from "./catalogue.ts";

const seed = 20260301;
/** All of them up to here; the scenarios stay below it. */
const statesPerCrash = 64;

describe("wherever the power goes, every promise holds, and the same command finishes the work without help", () => {
  for (const { name, make } of catalogue) {
    test(name, async () => {
      const report = await explore(await make(seed), { seed, statesPerCrash });
      assert.equal(report.violations, 0, describeReport(report));
      assert.equal(report.crashPointsCovered, report.crashPoints, "every reachable disk state was looked at");
      assert.ok(report.distinctStates > 10, describeReport(report));
    });
  }

  test("v1 to v2, with a second power cut in the recovery", async () => {
    const listed = catalogue.find(({ name }) => name === "v1 to v2, images on ext4");
    assert.ok(listed !== undefined);
    const report = await explore(await listed.make(seed), { seed, statesPerCrash, crashes: 2, maxStates: 300 });
    assert.equal(report.violations, 0, describeReport(report));
    assert.equal(report.distinctStates, 300);
  });
});
