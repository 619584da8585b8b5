import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../look.ts";
import { sampleMenu } from "../sample-reports.ts";
import { sampleNowMs } from "../sample-world.ts";
import { renderRollback } from "./rollback.ts";

const look: Look = { colour: false, columns: 80, nowMs: sampleNowMs };

test("a rollback is told in plain words", () => {
  const expected = [
    "Version 24.2 is intact and boots next instead of 24.3.",
    "* Version 24.3 stays installed.",
    "",
    "Boot menu",
    "  ENTRY  FILE         MARKS              STATE",
    "  24.2   os_24.2.efi  running, way back  sound",
    "",
    "Reboot to start it.",
    "",
  ];
  assert.deepEqual(
    renderRollback(
      {
        from: "24.3",
        to: "24.2",
        bootsNext: "os_24.2.efi",
        menu: sampleMenu.slice(1, 2),
        notices: ["Version 24.3 stays installed."],
      },
      look,
    ).split("\n"),
    expected,
  );
});
