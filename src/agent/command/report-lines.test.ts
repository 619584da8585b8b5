import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../../base/ids.ts";
import { sampleEntry } from "../../domain/sample-entry.ts";
import { samplePlan } from "../../domain/sample-plan.ts";
import {
  sampleEntryBytes,
  sampleImageBytes,
  type SampleMachine,
  sampleRelease,
  sampleSituation,
} from "../../domain/sample-situation.ts";
import type { Situation } from "../../domain/situation.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { type Observation, observe } from "../observe/observe.ts";
import {
  fileSystemLines,
  menuLines,
  nextVersion,
  planLines,
  spaceLines,
  versionLines,
  wayBackOf,
} from "./report-lines.ts";

/** A real observation with another situation in it. */
async function seen(situation: Situation): Promise<Observation> {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1"] });
  const observation = await observe(sessionOn(world).session, { catalog: false });
  return { ...observation, situation, facts: { ...observation.facts, versions: situation.versions } };
}

const machine: SampleMachine = {
  versions: [
    { version: "4", entry: "os_4+3-0.efi" },
    { version: "3" },
    { version: "2", image: "damaged" },
    { version: "1", image: "absent" },
    { version: "0", entry: "os_0+0-3.efi", image: "unchecked" },
  ],
  running: "3",
  foreign: [
    sampleEntry("aa.efi"),
    sampleEntry("zz.efi", { loadable: { kind: "ignored", why: "it is no EFI program" } }),
  ],
  pins: ["3"],
};

test("the menu is in the loader's order, what it ignores last, each with its verdict and what it lacks", async () => {
  const lines = menuLines(await seen(sampleSituation(machine)));
  assert.deepEqual(
    lines.map(({ position, fileName, version, triesLeft, verdict, problems }) => [
      position,
      fileName,
      version,
      triesLeft,
      verdict,
      ...problems,
    ]),
    [
      [1, "os_4+3-0.efi", "4", 3, "sound"],
      [2, "os_3.efi", "3", undefined, "sound"],
      [3, "os_2.efi", "2", undefined, "damaged", "/system/os_2.erofs is damaged"],
      [4, "os_1.efi", "1", undefined, "incomplete", "/system/os_1.erofs is missing"],
      [5, "aa.efi", undefined, undefined, "foreign"],
      [6, "os_0+0-3.efi", "0", 0, "unchecked"],
      [7, "zz.efi", undefined, undefined, "foreign"],
    ],
  );
  const marks = lines.filter(({ bootsNext, wayBack, running }) => bootsNext || wayBack || running);
  assert.deepEqual(
    marks.map(({ version, bootsNext, wayBack, running }) => [version, bootsNext, wayBack, running]),
    [
      ["4", true, false, false],
      ["3", false, true, true],
    ],
  );
});

test("what boots next and what it falls back to come from the loader model", async () => {
  const both = await seen(sampleSituation(machine));
  assert.deepEqual([nextVersion(both), wayBackOf(both)], ["4", "3"]);
  const foreign = await seen(
    sampleSituation({ versions: [{ version: "1", entry: "os_1+0-3.efi" }], foreign: [sampleEntry("aa.efi")] }),
  );
  assert.deepEqual([nextVersion(foreign), wayBackOf(foreign)], [undefined, undefined]);
  const empty = await seen(sampleSituation({ versions: [] }));
  assert.deepEqual(
    [nextVersion(empty), wayBackOf(empty), menuLines(empty), versionLines(empty)],
    [undefined, undefined, [], []],
  );
});

test("versions are listed newest first, installed and offered, with what each lacks", async () => {
  const situation = sampleSituation(machine);
  const catalog = {
    releases: [{ ...sampleRelease("5"), missing: ["90-uki"] }, sampleRelease("4")],
    withdrawn: new Set<never>(),
    manifests: [],
    checkedAtMs: 0,
  };
  const lines = versionLines(await seen({ ...situation, catalog }));
  assert.deepEqual(
    lines.map(({ version, installed, complete, available, lacks, sourceLacks }) => [
      version,
      installed,
      complete,
      available,
      ...lacks,
      ...sourceLacks,
    ]),
    [
      ["5", false, false, false, "nothing for 90-uki"],
      ["4", true, true, true],
      ["3", true, true, false],
      ["2", true, false, false, "50-root is damaged"],
      ["1", true, false, false, "50-root is missing", "/system/os_1.erofs is missing"],
      ["0", true, true, false],
    ],
  );
  const three = lines.find(({ version }) => version === "3");
  assert.deepEqual(
    [three?.running, three?.pinned, three?.wayBack, three?.bootsNext, three?.trust, three?.sizeBytes],
    [true, true, true, false, "proven", sampleImageBytes + sampleEntryBytes],
  );
  assert.deepEqual(
    lines.map(({ newest }) => newest),
    [true, false, false, false, false, false],
  );
});

test("a version that the repository offers with other bytes is told", async () => {
  const situation = sampleSituation({ versions: [{ version: "1" }] });
  const other = sampleRelease("1", situation.transfers, { sha256: sampleRelease("2").offers[0]?.sha256 });
  const catalog = { releases: [other], withdrawn: new Set<never>(), manifests: [], checkedAtMs: 0 };
  assert.equal(versionLines(await seen({ ...situation, catalog }))[0]?.republished, true);
  assert.equal(
    versionLines(await seen({ ...situation, catalog: { ...catalog, releases: [sampleRelease("1")] } }))[0]?.republished,
    false,
  );
});

test("the steps of a plan are told with their bytes, and the room with what it takes", async () => {
  const situation = sampleSituation({
    versions: [{ version: "2" }, { version: "1" }],
    running: "2",
    changes: { instancesMax: 2 },
  });
  const plan = samplePlan(situation);
  assert.deepEqual(
    planLines(plan).map(({ kind, title, bytes }) => [kind, title, bytes]),
    [
      ["prove", "Verify the way back, version 2", undefined],
      ["acquire", "Download 50-root_3", sampleImageBytes],
      ["acquire", "Download 90-uki_3", sampleEntryBytes],
      ["install", "Install /system/os_3.erofs", undefined],
      ["install", "Add the boot entry /efi/EFI/Linux/os_3+3-0.efi", undefined],
      ["audit", "Audit: does version 3 boot next, and is it whole?", undefined],
      ["clear", "Remove version 1 (kept long enough)", sampleImageBytes + sampleEntryBytes],
    ],
  );
  assert.deepEqual(spaceLines(plan)[0], {
    mountPoint: "/",
    availableBytes: 1024 ** 3,
    peakBytes: sampleImageBytes,
    netBytes: sampleImageBytes,
  });
  const resumed = {
    ...plan,
    steps: plan.steps.map((step) => (step.kind === "acquire" ? { ...step, resumeBytes: 1000 } : step)),
  };
  assert.equal(planLines(resumed)[1]?.bytes, sampleImageBytes - 1000);
  assert.equal(plan.target, parseVersion("3"));
});

test("every file system of the update has a line", async () => {
  const lines = fileSystemLines(await seen(sampleSituation({ versions: [] })));
  assert.deepEqual(
    lines.map(({ mountPoint, type, totalBytes, readOnly }) => [mountPoint, type, totalBytes, readOnly]),
    [
      ["/", "ext4", 1e8, false],
      ["/efi", "vfat", 1e7, false],
    ],
  );
});
