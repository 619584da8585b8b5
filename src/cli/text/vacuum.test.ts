import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../look.ts";
import { sampleNowMs } from "../sample-world.ts";
import { renderVacuum } from "./vacuum.ts";

const look: Look = { colour: false, columns: 80, nowMs: sampleNowMs };

test("what went and what stayed is told in plain words", () => {
  const expected = [
    "Swept up 2 leftovers of unfinished work.",
    "Removed 1 resource of features that are switched off.",
    "",
    "Removed",
    "  24.1  812.0 MiB  more versions than InstancesMax= keeps",
    "",
    "Kept",
    "  24.2  it is the way back",
    "",
  ];
  assert.deepEqual(
    renderVacuum(
      {
        removed: [{ version: "24.1", why: "more versions than InstancesMax= keeps", freedBytes: 851_443_712 }],
        kept: [{ version: "24.2", because: "it is the way back" }],
        sweptLeftovers: 2,
        disabledInstances: 1,
      },
      look,
    ).split("\n"),
    expected,
  );
});

test("nothing to remove is told in plain words", () => {
  const expected = ["There is nothing to remove.", ""];
  assert.deepEqual(
    renderVacuum({ removed: [], kept: [], sweptLeftovers: 0, disabledInstances: 0 }, look).split("\n"),
    expected,
  );
});
