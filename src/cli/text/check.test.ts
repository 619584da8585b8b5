import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckReport } from "../../wire/reports.ts";
import type { Look } from "../look.ts";
import { sampleNowMs } from "../sample-world.ts";
import { renderCheck } from "./check.ts";

const look: Look = { colour: false, columns: 80, nowMs: sampleNowMs };

test("a newer version is told in plain words", () => {
  const expected = [
    "Version 24.3 is there. You have 24.2.",
    "Download  812.0 MiB",
    "On disk   821.5 MiB",
    "Signed    2 hours ago by Release Key",
    "Notes     https://os.example/notes/24.3",
    "* Version 24.2 is not proven.",
    "`holdfast update` brings it in; `holdfast update --dry-run` shows the plan.",
    "",
  ];
  assert.deepEqual(
    renderCheck(
      {
        available: "24.3",
        installed: "24.2",
        because: "",
        downloadBytes: 851_443_712,
        diskBytes: 861_443_712,
        notes: ["https://os.example/notes/24.3"],
        signedAtMs: sampleNowMs - 7_200_000,
        signer: "Release Key",
        notices: ["Version 24.2 is not proven."],
      },
      look,
    ).split("\n"),
    expected,
  );
});

test("what deltas and chunks spare is told", () => {
  const report = { installed: "1", available: "2", because: "", diskBytes: 35_500_000, notes: [], notices: [] };
  const unsigned = { signedAtMs: undefined, signer: undefined };
  const download = (costs: Pick<CheckReport, "downloadBytes" | "downloadIsAtMost" | "wholeBytes">): string =>
    renderCheck({ ...report, ...unsigned, ...costs }, look).split("\n")[1] ?? "";
  const wholeBytes = 35_500_000;
  assert.equal(download({ downloadBytes: 393, wholeBytes }), "Download  393 B of 33.9 MiB");
  assert.equal(download({ downloadBytes: wholeBytes, downloadIsAtMost: true }), "Download  at most 33.9 MiB");
  const both = { downloadBytes: 13_000_000, downloadIsAtMost: true, wholeBytes } as const;
  assert.equal(download(both), "Download  at most 12.4 MiB of 33.9 MiB");
});

test("a component is named in what to run next", () => {
  const report = { installed: "1", available: "2", because: "", diskBytes: 1, notes: [], notices: [] };
  const lines = renderCheck({ ...report, downloadBytes: 1, signedAtMs: undefined, signer: undefined }, look, "app");
  assert.match(lines, /\n`holdfast update --component=app` brings it in; `holdfast update --component=app --dry-run` /);
});

test("nothing newer is told in plain words", () => {
  const expected = ["Version 24.3 is the newest, and it is installed.", ""];
  assert.deepEqual(
    renderCheck(
      {
        available: undefined,
        installed: "24.3",
        because: "version 24.3 is the newest, and it is installed",
        downloadBytes: undefined,
        diskBytes: undefined,
        notes: [],
        signedAtMs: undefined,
        signer: undefined,
        notices: [],
      },
      look,
    ).split("\n"),
    expected,
  );
});
