import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../look.ts";
import { sampleFinding, sampleMenu } from "../sample-reports.ts";
import { sampleNowMs } from "../sample-world.ts";
import { renderDoctor } from "./doctor.ts";

const look: Look = { colour: false, columns: 80, nowMs: sampleNowMs };

test("a healthy machine read in full is told in plain words", () => {
  const expected = [
    "Healthy: every boot entry of ours has what it needs.",
    "1624.0 MiB read, which is everything.",
    "",
    "Boot menu, in the loader's order",
    "     ENTRY  FILE             TRIES         MARKS              STATE",
    "  >  24.3   os_24.3+3-0.efi  3 tries left  next               sound",
    "     24.2   os_24.2.efi                    running, way back  sound",
    "",
  ];
  assert.deepEqual(
    renderDoctor(
      {
        healthy: true,
        deep: true,
        findings: [],
        repaired: [],
        checkedBytes: 1_702_887_424,
        menu: sampleMenu.slice(0, 2),
      },
      look,
    ).split("\n"),
    expected,
  );
});

test("a sick machine is told in plain words", () => {
  const expected = [
    "1 error found.",
    "12 B read; `holdfast doctor --deep` reads everything.",
    "",
    "Findings",
    "error: The boot entry os_24.1.efi needs /system/os_24.1.erofs, which is not",
    "  there. [image-missing]",
    "  `holdfast doctor --repair` fetches it or removes the entry.",
    "note: The ESP was not cleanly unmounted. [not-clean]",
    "",
    "`holdfast doctor --repair` can repair this.",
    "",
  ];
  assert.deepEqual(
    renderDoctor(
      {
        healthy: false,
        deep: false,
        findings: [
          {
            ...sampleFinding,
            severity: "info",
            code: "not-clean",
            sentence: "The ESP was not cleanly unmounted.",
            remedy: "",
          },
          sampleFinding,
        ],
        repaired: [],
        checkedBytes: 12,
        menu: [],
      },
      look,
    ).split("\n"),
    expected,
  );
});

test("a repaired machine is told in plain words", () => {
  const expected = [
    "Healthy: every boot entry of ours has what it needs.",
    "12 B read; `holdfast doctor --deep` reads everything.",
    "",
    "Done",
    "* Fetched os_24.1.erofs again.",
    "",
  ];
  assert.deepEqual(
    renderDoctor(
      {
        healthy: true,
        deep: false,
        findings: [],
        repaired: ["Fetched os_24.1.erofs again."],
        checkedBytes: 12,
        menu: [],
      },
      look,
    ).split("\n"),
    expected,
  );
});

test("after a repair that could not be done the same command is not advised again", () => {
  const damaged = { ...sampleFinding, code: "image-damaged", sentence: "It is damaged" };
  const left = {
    ...sampleFinding,
    code: "not-repaired",
    sentence: "It was not repaired",
    remedy: "",
    repairable: false,
  };
  const render = (findings: readonly (typeof sampleFinding)[]): string =>
    renderDoctor({ healthy: false, deep: false, findings, repaired: [], checkedBytes: 0, menu: [] }, look);
  assert.match(render([damaged]), /can repair this/);
  assert.doesNotMatch(render([left, damaged]), /can repair this/);
});
