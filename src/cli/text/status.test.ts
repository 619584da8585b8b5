import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../look.ts";
import { sampleStatus } from "../sample-reports.ts";
import { sampleNowMs } from "../sample-world.ts";
import { renderStatus } from "./status.ts";

const look: Look = { colour: false, columns: 80, nowMs: sampleNowMs };

test("a machine with a new version waiting is told in plain words", () => {
  const expected = [
    "Running     24.2 (IMAGE_VERSION in os-release)",
    "Boots next  24.3 (first in the menu)",
    "After that  24.2",
    "Way back    24.2",
    "Last check  3 hours ago, signed 26 hours ago; the newest was 24.3",
    "ESP         /efi",
    "Idle        Version 24.3 is installed and waits for a reboot.",
    "",
    "Versions",
    "  VERSION       SIZE  TRUST               MARKS              STATE",
    "  24.3     812.0 MiB  proven 3 hours ago  next, newest       installed, offered",
    "  24.2     812.0 MiB  adopted 2 days ago  running, way back  installed, offered",
    "  24.1     812.0 MiB                                         incomplete:",
    "                                                             os_24.1.erofs is",
    "                                                             missing",
    "",
    "Boot menu, in the loader's order",
    "     ENTRY     TRIES         MARKS              STATE",
    "  >  24.3      3 tries left  next               sound",
    "     24.2                    running, way back  sound",
    "     24.1                                       os_24.1.erofs is missing",
    "     Other OS                                   not ours",
    "",
    "Space",
    "  /efi  vfat  192.0 MiB free of 512.0 MiB",
    "",
    "Findings",
    "error: The boot entry os_24.1.efi needs /system/os_24.1.erofs, which is not",
    "  there. [image-missing]",
    "  `holdfast doctor --repair` fetches it or removes the entry.",
    "",
  ];
  assert.deepEqual(renderStatus(sampleStatus, look).split("\n"), expected);
});

test("a machine about which little is known is told in plain words", () => {
  const expected = [
    "Running     not known: there is no os-release",
    "Boots next  nothing: there is no boot entry",
    "Way back    none",
    "Last check  never",
    "Updates     held until released with `holdfast hold --off`",
    "At work     `holdfast update`, process 77, since 1 minute",
    "ESP         not found",
    "Idle        No check was made yet.",
    "",
    "Versions",
    "  There is no version.",
    "",
    "Boot menu, in the loader's order",
    "  There is no boot entry.",
    "",
  ];
  assert.deepEqual(
    renderStatus(
      {
        ...sampleStatus,
        running: undefined,
        runningBecause: "there is no os-release",
        onTrial: false,
        versions: [],
        menu: [],
        bootsNext: undefined,
        bootsNextBecause: "there is no boot entry",
        bootsThen: [],
        wayBack: undefined,
        lastCheck: undefined,
        held: { untilMs: undefined },
        lock: { pid: 77, command: "holdfast update", sinceMs: sampleNowMs - 90_000 },
        idleBecause: "No check was made yet.",
        espPath: undefined,
        fileSystems: [],
        findings: [],
      },
      look,
    ).split("\n"),
    expected,
  );
});

test("a version on trial, updates on hold is told in plain words", () => {
  const expected = [
    "Running      24.2, on trial (IMAGE_VERSION in os-release)",
    "Boots next   os_24.3.efi (first in the menu)",
    "After that   os_24.2.efi",
    "Way back     24.2",
    "Last check   3 hours ago, signed 26 hours ago; the newest was 24.3",
    "Updates      held until 2026-03-21 15:09 UTC, for 7 days more",
    "ESP          /efi (a folder stands for it)",
    "Secure Boot  on: only what is signed with a key in db is installed",
    "Idle         Version 24.3 is installed and waits for a reboot.",
    "",
    "Versions",
    "  There is no version.",
    "",
    "Boot menu, in the loader's order",
    "  There is no boot entry.",
    "",
  ];
  assert.deepEqual(
    renderStatus(
      {
        ...sampleStatus,
        onTrial: true,
        versions: [],
        menu: [],
        held: { untilMs: sampleNowMs + 7 * 86_400_000 },
        espIsFat: false,
        secureBoot: "on",
        fileSystems: [],
        findings: [],
      },
      look,
    ).split("\n"),
    expected,
  );
});
