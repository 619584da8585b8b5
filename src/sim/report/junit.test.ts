import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExploreReport } from "../explore.ts";
import { junit } from "./junit.ts";

const good: ExploreReport = {
  scenario: "v1 to v2",
  seed: 7,
  calls: 10,
  crashPoints: 4,
  crashPointsCovered: 3,
  outcomes: 9,
  distinctStates: 5,
  crashesCovered: 1,
  runs: 6,
  firstRun: [],
  violations: 0,
  shortest: undefined,
  stoppedEarly: false,
};

const bad: ExploreReport = {
  ...good,
  scenario: 'a "quoted" <name>',
  violations: 2,
  shortest: { what: ["P1: an entry & no image\u0001"], schedule: ["power cut before call 3"], crashes: 1 },
};

test("each scenario is a test case, and what is wrong is told with the seed and the way there", () => {
  const lines = junit([{ ...good, seconds: 1.5 }, bad], "demo").split("\n");
  assert.equal(lines[0], '<?xml version="1.0" encoding="UTF-8"?>');
  assert.equal(lines[1], '<testsuites tests="2" failures="1" errors="0" time="1.500">');
  assert.equal(lines[3], '    <testcase classname="demo" name="v1 to v2" time="1.500">');
  assert.equal(lines[6], '    <testcase classname="demo" name="a &quot;quoted&quot; &lt;name&gt;" time="0.000">');
  assert.equal(
    lines[7],
    '      <failure message="P1: an entry &amp; no image?">seed 7&#10;  ! P1: an entry &amp; no image?&#10;    power cut before call 3</failure>',
  );
  assert.deepEqual(lines.slice(-4), ["    </testcase>", "  </testsuite>", "</testsuites>", ""]);
});
