import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../look.ts";
import { sampleUpdate, sampleFinding } from "../sample-reports.ts";
import { sampleNowMs } from "../sample-world.ts";
import { renderUpdate } from "./update.ts";

const look: Look = { colour: false, columns: 80, nowMs: sampleNowMs };

test("an update that is done is told in plain words", () => {
  const expected = [
    "Version 24.3 is installed and boots next.",
    "812.0 MiB transferred; way back: 24.2.",
    "",
    "Boot menu",
    "     ENTRY  FILE             TRIES         MARKS              STATE",
    "  >  24.3   os_24.3+3-0.efi  3 tries left  next               sound",
    "     24.2   os_24.2.efi                    running, way back  sound",
    "",
    "Reboot to start it.",
    "",
  ];
  assert.deepEqual(renderUpdate(sampleUpdate, look).split("\n"), expected);
});

test("a plan is told in plain words", () => {
  const expected = [
    "The plan to go from 24.2 to 24.3, downloading 812.0 MiB:",
    "  1  Prove version 24.2, the way back  800.0 MiB",
    "  2  Acquire os_24.3.erofs             750.0 MiB",
    "  3  Install os_24.3+3-0.efi",
    "",
    "Space",
    "  FILE SYSTEM     NEEDED      KEPT    FREE NOW",
    "  /efi          62.0 MiB       0 B   192.0 MiB",
    "  /system      750.0 MiB  -1.0 MiB  9216.0 MiB",
    "",
    "Way back: 24.2",
    "* The slot of version 24.1 is given up.",
    "Nothing was changed.",
    "",
  ];
  assert.deepEqual(
    renderUpdate(
      { ...sampleUpdate, outcome: "planned", notices: ["The slot of version 24.1 is given up."] },
      look,
    ).split("\n"),
    expected,
  );
});

test("a plan that fetches nothing says so", () => {
  const [first] = renderUpdate({ ...sampleUpdate, outcome: "planned", downloadBytes: 0 }, look).split("\n");
  assert.equal(first, "The plan to go from 24.2 to 24.3, downloading nothing:");
});

test("a plan whose steps are long is told in plain words", () => {
  const expected = [
    "The plan to go to 24.3, downloading an amount not known yet:",
    "  1  1 B  Acquire os_24.3.erofs from",
    "          https://updates.os.example/stable/os_24.3.erofs.zst",
    "",
    "Way back: none",
    "Nothing was changed.",
    "",
  ];
  assert.deepEqual(
    renderUpdate(
      {
        ...sampleUpdate,
        outcome: "planned",
        from: undefined,
        downloadBytes: undefined,
        wayBack: undefined,
        space: [],
        steps: [
          {
            kind: "acquire",
            title: "Acquire os_24.3.erofs from https://updates.os.example/stable/os_24.3.erofs.zst",
            bytes: 1,
          },
        ],
      },
      look,
    ).split("\n"),
    expected,
  );
});

test("an update with a finding is told in plain words", () => {
  const expected = [
    "Version 24.3 is installed, but something needs a look.",
    "812.0 MiB transferred; way back: 24.2.",
    "",
    "Findings",
    "error: The boot entry os_24.1.efi needs /system/os_24.1.erofs, which is not",
    "  there. [image-missing]",
    "  `holdfast doctor --repair` fetches it or removes the entry.",
    "",
  ];
  assert.deepEqual(
    renderUpdate({ ...sampleUpdate, outcome: "done-with-finding", menu: [], findings: [sampleFinding] }, look).split(
      "\n",
    ),
    expected,
  );
});

test("a component without a boot entry is told in plain words", () => {
  const expected = ["Version 24.3 is installed.", "812.0 MiB transferred; way back: 24.2.", ""];
  assert.deepEqual(renderUpdate({ ...sampleUpdate, menu: [], bootsNext: undefined }, look).split("\n"), expected);
});

test("a version that is only downloaded is told in plain words", () => {
  const expected = [
    "Version 24.3 is downloaded. `holdfast update --offline` installs it.",
    "812.0 MiB transferred; way back: 24.2.",
    "",
  ];
  assert.deepEqual(renderUpdate({ ...sampleUpdate, outcome: "acquired" }, look).split("\n"), expected);
});

test("nothing to do is told in plain words", () => {
  const expected = ["Version 24.3 is installed and boots next.", ""];
  assert.deepEqual(
    renderUpdate(
      { ...sampleUpdate, outcome: "nothing-to-do", because: "version 24.3 is installed and boots next" },
      look,
    ).split("\n"),
    expected,
  );
});

test("an update that found everything in place says so", () => {
  const [, second] = renderUpdate({ ...sampleUpdate, transferredBytes: 0 }, look).split("\n");
  assert.equal(second, "Nothing had to be transferred; way back: 24.2.");
});
