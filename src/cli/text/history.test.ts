import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../look.ts";
import { sampleNowMs } from "../sample-world.ts";
import { renderHistory } from "./history.ts";

const look: Look = { colour: false, columns: 80, nowMs: sampleNowMs };

test("what happened is told in plain words", () => {
  const expected = [
    "2026-03-14 15:09 UTC  24.3  Installed, proven, boots next.",
    "2026-03-14 15:10 UTC  -     Updates held for 7 days.",
    "",
  ];
  assert.deepEqual(
    renderHistory(
      [
        { atMs: sampleNowMs, event: "installed", version: "24.3", text: "Installed, proven, boots next." },
        { atMs: sampleNowMs + 60_000, event: "held", version: undefined, text: "Updates held for 7 days." },
      ],
      look,
    ).split("\n"),
    expected,
  );
});

test("an empty journal is told in plain words", () => {
  const expected = ["The journal is empty: Holdfast has not done anything here yet.", ""];
  assert.deepEqual(renderHistory([], look).split("\n"), expected);
});
