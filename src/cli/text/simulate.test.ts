import assert from "node:assert/strict";
import { test } from "node:test";
import type { ScenarioLine, SimulationReport } from "../../sim/own-machine/report.ts";
import type { Look } from "../look.ts";
import { sampleNowMs } from "../sample-world.ts";
import { renderSimulation } from "./simulate.ts";

const look: Look = { colour: false, columns: 80, nowMs: sampleNowMs };
const mebibyte = 1024 * 1024;

const held: ScenarioLine = {
  name: "update from 1 to 2",
  result: "held",
  sentence:
    "After a power cut at any of 111 moments (261 disk states) this machine boots 1 or 2, and the next run finishes.",
  powerCuts: 111,
  powerCutsInAllStates: 111,
  diskStates: 261,
  distinctStates: 75,
  boots: ["1", "2"],
  stoppedEarly: false,
  seconds: 2,
  violations: 0,
  shortest: undefined,
};

const report: SimulationReport = {
  format: 1,
  folders: ["/build/sysupdate.d"],
  component: undefined,
  features: [],
  seed: 1,
  statesPerCut: 64,
  powerCutsInARow: 1,
  versions: ["1", "2"],
  transfers: [
    {
      transfer: "20-root",
      source: "https://updates.example/os/os_@v.erofs",
      target: "/system/os_@v.erofs",
      role: "image",
      contentBytes: 1536 * mebibyte,
      travelBytes: 600 * mebibyte,
      sizeFrom: "given",
    },
  ],
  volumes: [
    {
      mountPoint: "/",
      type: "ext4",
      sizeBytes: 65536 * mebibyte,
      roomBytes: 32768 * mebibyte,
      from: "assumed",
      versionBytes: 1,
    },
  ],
  slots: [],
  assumptions: ["The boot loader is systemd-boot."],
  room: [
    { update: "1 to 2", mountPoint: "/", freeBytes: 2000 * mebibyte, peakBytes: 1536 * mebibyte, removedBefore: [] },
  ],
  scenarios: [held],
  fallbacks: [
    {
      cause: "panic",
      initrd: undefined,
      what: "Version 2 panics in its kernel",
      sentence: "the machine comes back with 1 after 3 tries",
      comesBack: true,
    },
  ],
  findings: [],
  verdict: "held",
};

test("a simulation in which all held is told in plain words", () => {
  assert.deepEqual(renderSimulation(report, look).split("\n"), [
    "All promises held: 111 power cuts, 261 disk states.",
    "",
    "Simulated machine",
    "TRANSFER  SIZE                    SIZE FROM  TARGET",
    "20-root   1536.0 MiB (600.0 MiB)  given      /system/os_@v.erofs",
    "",
    "DISK  SIZE            FROM     USE",
    "/     ext4, 64.0 GiB  assumed  32.0 GiB for versions",
    "",
    "* The boot loader is systemd-boot.",
    "",
    "Power cuts",
    "RESULT  CUTS  STATES  SCENARIO",
    "held     111     261  update from 1 to 2",
    "",
    "What happens",
    "* Update from 1 to 2: after a power cut at any of 111 moments (261 disk",
    "  states) this machine boots 1 or 2, and the next run finishes.",
    "",
    "Versions that do not start",
    "* Version 2 panics in its kernel: the machine comes back with 1 after 3 tries.",
    "",
    "Room",
    "UPDATE  ON       NEEDS        FREE",
    "1 to 2  /   1536.0 MiB  2000.0 MiB",
    "",
    "Definitions: /build/sysupdate.d. Seed 1, up to 64 disk states a power cut, 1",
    "power cut in a row; the same again with --seed=1 --states=64 --crashes=1.",
    "",
  ]);
});

test("what breaks is told as the shortest way there", () => {
  const broken: ScenarioLine = {
    ...held,
    result: "broken",
    violations: 2,
    shortest: {
      what: ["P1: os_2.efi needs /system/os_2.erofs"],
      schedule: ["power cut before call 7, disk rename /efi/x"],
    },
  };
  const text = renderSimulation({ ...report, scenarios: [broken], verdict: "broken" }, look);
  assert.match(text, /^A promise does not hold: 111 power cuts, 261 disk states\.\n/);
  assert.ok(text.includes("BROKEN   111     261  update from 1 to 2\n"));
  assert.ok(
    text.includes(
      "How it breaks\nUpdate from 1 to 2, 2 times; the shortest:\n  1. power cut before call 7, disk rename /efi/x\n" +
        "  => P1: os_2.efi needs /system/os_2.erofs\n",
    ),
    text,
  );
});

test("errors that are no broken promise are counted in the first line", () => {
  const finding = {
    code: "no-fallback",
    severity: "error" as const,
    subject: "x",
    sentence: "It never falls back.",
    remedy: "Count the boots.",
    repairable: false,
  };
  const text = renderSimulation({ ...report, findings: [finding], verdict: "held-with-findings" }, look);
  assert.match(text, /^All promises held \(111 power cuts, 261 disk states\), and 1 error found\.\n/);
  assert.match(text, /\nFindings\nerror: It never falls back\. \[no-fallback\]\n {2}Count the boots\.\n/);
});
