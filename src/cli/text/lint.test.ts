import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../look.ts";
import { sampleNowMs } from "../sample-world.ts";
import { renderLint } from "./lint.ts";

const look: Look = { colour: false, columns: 80, nowMs: sampleNowMs };

test("definitions without a finding is told in plain words", () => {
  const expected = ["1 transfer read from /etc/sysupdate.d.", "No finding.", ""];
  assert.deepEqual(
    renderLint({ folders: ["/etc/sysupdate.d"], transfers: 1, findings: [] }, look).split("\n"),
    expected,
  );
});

test("definitions with findings is told in plain words", () => {
  const expected = [
    "3 transfers read from /etc/sysupdate.d, /usr/lib/sysupdate.d.",
    "error: 20-a.transfer, 30-b.transfer: Both can match os_1.erofs.",
    "  [patterns-overlap]",
    "  Make the patterns differ in a literal part.",
    "warning: 10-uki.transfer: The boot entry is not the last to be installed by",
    "  systemd-sysupdate. [entry-too-early]",
    "  Name the file so that it sorts last.",
    "",
  ];
  assert.deepEqual(
    renderLint(
      {
        folders: ["/etc/sysupdate.d", "/usr/lib/sysupdate.d"],
        transfers: 3,
        findings: [
          {
            code: "entry-too-early",
            severity: "warning",
            files: ["10-uki.transfer"],
            sentence: "The boot entry is not the last to be installed by systemd-sysupdate.",
            remedy: "Name the file so that it sorts last.",
          },
          {
            code: "patterns-overlap",
            severity: "error",
            files: ["20-a.transfer", "30-b.transfer"],
            sentence: "Both can match os_1.erofs.",
            remedy: "Make the patterns differ in a literal part.",
          },
        ],
      },
      look,
    ).split("\n"),
    expected,
  );
});
