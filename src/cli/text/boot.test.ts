import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConfirmReport, HealthReport } from "../../wire/boot-reports.ts";
import { renderConfirm, renderGiveBack, renderReject } from "./boot.ts";
import { renderHealth } from "./health.ts";
import { renderLift, renderQuarantine } from "./quarantine.ts";
import { renderTry } from "./try.ts";

const look = { colour: false, columns: 80, nowMs: Date.UTC(2026, 2, 14) };

const health: HealthReport = {
  version: "2",
  entry: "os_2.efi",
  counted: true,
  verdict: "bad",
  checks: [
    {
      name: "definitions",
      required: true,
      state: "passed",
      text: "2 definitions read, 1 key to verify with",
      durationMs: 12,
    },
    {
      name: "10-site.sh",
      required: true,
      state: "failed",
      text: "exit code 1: no \u001b[31mroute",
      durationMs: 2300,
      output: "trying\nno \u001b[31mroute\n",
    },
    { name: "20-nice.sh", required: false, state: "failed", text: "exit code 3", durationMs: 5 },
  ],
};

test("a boot that is bad says which check, and what it said, without its control characters", () => {
  assert.equal(
    renderHealth(health, look),
    [
      "Version 2 is not healthy: 10-site.sh did not pass.",
      "The boot loader counts this boot.",
      "",
      "Checks",
      "  definitions  passed  required  0.0 s  2 definitions read, 1 key to verify with",
      "  10-site.sh   FAILED  required  2.3 s  exit code 1: no ?[31mroute",
      "  20-nice.sh   failed  wanted    0.0 s  exit code 3",
      "",
      "What failed checks said",
      "  10-site.sh",
      "    trying",
      "    no ?[31mroute",
      "",
    ].join("\n"),
  );
});

const confirmed: ConfirmReport = {
  version: "1",
  entry: "os_1.efi",
  blessing: "blessed",
  because: "os_1.efi carries no counter",
  givenUp: [
    {
      version: "2",
      verdict: "quarantined",
      evidence: "panic",
      text: "its kernel stopped (Kernel panic)",
      details: ["dmesg: Kernel panic"],
    },
  ],
  loader: [{ path: "/efi/EFI/systemd/systemd-bootx64.efi", state: "updated", because: "257 becomes 262" }],
  notices: [],
  bootsNext: "1",
};

test("a confirmed boot says what was given up, and what became of the loader's copies", () => {
  assert.equal(
    renderConfirm(confirmed, look),
    [
      "Version 1 is marked good: os_1.efi carries no counter.",
      "",
      "Given up",
      "* Version 2 was given up and is in quarantine: its kernel stopped (Kernel",
      "  panic).",
      "* dmesg: Kernel panic",
      "",
      "Boot loader",
      "  /efi/EFI/systemd/systemd-bootx64.efi  updated  257 becomes 262",
      "",
    ].join("\n"),
  );
  assert.match(
    renderConfirm(
      { ...confirmed, blessing: "still-counted", because: "it still carries a counter", givenUp: [], loader: [] },
      look,
    ),
    /^Version 1 was found good and is not marked so: it still carries a counter\.\n$/,
  );
});

test("the other answers are a sentence or two", () => {
  const table: readonly (readonly [string, RegExp])[] = [
    [
      renderGiveBack({ entry: "os_2+3-1.efi", because: "it ended before it was judged" }),
      /^The try of this boot was given back, .*: os_2\+3-1\.efi\.\n$/,
    ],
    [
      renderGiveBack({ entry: undefined, because: "the loader does not count this boot" }),
      /^No try was given back: the loader does not count this boot\.\n$/,
    ],
    [
      renderReject({ version: "2", startsAgain: true, because: "the boot loader counts on" }),
      /^The boot of version 2 is given up and the machine starts again/,
    ],
    [
      renderReject({ version: undefined, startsAgain: false, because: "its entry carries no boot counter" }),
      /^This boot was found bad and the machine stays up/,
    ],
    [renderQuarantine({ versions: [] }, look), /^No version is in quarantine\.\n$/],
    [renderLift({ version: "2", installed: true }), /^Version 2 is no longer in quarantine\.\nIt is installed: /],
    [
      renderTry({ version: "1", outcome: "armed", back: "2", bootsNext: "1", notices: [] }, look),
      /^Version 1 is intact and boots once\.\nAfter that 2 comes back/,
    ],
    [
      renderTry({ version: "1", outcome: "kept", back: undefined, bootsNext: "1", notices: ["x"] }, look),
      /^Version 1 is kept and boots from now on\.\n\* x\n$/,
    ],
  ];
  for (const [text, expected] of table) assert.match(text, expected);
});
