import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Compared, findingsOf } from "./findings.ts";
import { count } from "./measures.ts";
import type { Outcome } from "./trial.ts";

const well: Outcome = {
  broken: false,
  fallbackLost: false,
  completes: true,
  falseSuccess: false,
  vacuumHelps: false,
  how: "",
};
const stuck: Outcome = { ...well, completes: false, vacuumHelps: true, how: "the next update ended with 1: vacuum it" };

function compared(subject: Compared["subject"], outcomes: readonly Outcome[]): Compared {
  const counts = count(outcomes);
  const interrupted = { outcomes, begun: 2, resumed: subject === "holdfast" ? 2 : 0 };
  return {
    subject,
    ms: 100,
    prefixedIndex: subject === "sysupdate257",
    atMoments: counts,
    beforeFlushes: counts,
    beforeRemovals: counts,
    interrupted,
  };
}

suite("The comparison of updaters", () => {
  test("has a column for each, and a promise that only Holdfast keeps or breaks", () => {
    const { headlines, wrong } = findingsOf(
      [compared("sysupdate262", [stuck, well]), compared("holdfast", [well])],
      [],
    );
    const found = headlines.find(({ question }) =>
      question.endsWith("moment of an update: the next plain update completes"),
    );
    assert.deepEqual(found, {
      question: "SIGKILL at a random moment of an update: the next plain update completes",
      holdfast: "1 of 1",
      kept: true,
      sysupdate262: "1 of 2",
    });
    assert.equal(
      headlines.every(({ kept }) => kept),
      true,
    );
    assert.deepEqual(wrong, []);
  });

  test("counts what Holdfast does not complete as wrong, and says how it ended", () => {
    const { headlines, wrong } = findingsOf([compared("holdfast", [well, stuck])], []);
    assert.equal(headlines.filter(({ kept }) => !kept).length, 4);
    assert.equal(wrong[0], "interrupted at a random moment: the next update ended with 1: vacuum it: 1");
  });
});
