import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion, type Version } from "../base/ids.ts";
import type { Leftover, Offer } from "./resource.ts";
import { sampleEntry } from "./sample-entry.ts";
import { samplePlan, samplePlanned, sampleRefusal, sampleSteps, stepInWords } from "./sample-plan.ts";
import {
  sampleDigest,
  sampleEntryBytes,
  sampleImageBytes,
  type SampleMachine,
  sampleSituation,
} from "./sample-situation.ts";
import { sampleTransfer, sampleTransfers } from "./sample-transfer.ts";

const bringIn = ["acquire 50-root_3", "acquire 90-uki_3"];
const putIn = ["install 50-root_3", "install 90-uki_3", "audit 3"];
const two: SampleMachine = { versions: [{ version: "2" }, { version: "1" }], running: "2" };

const cases: readonly (readonly [sentence: string, machine: SampleMachine, steps: readonly string[]])[] = [
  [
    "an update proves the way back, brings everything in, installs the entry last, audits, and nothing goes below the limit",
    two,
    ["prove 2", ...bringIn, ...putIn],
  ],
  ["an update on an empty machine has nothing to prove", { versions: [] }, [...bringIn, ...putIn]],
  [
    "old versions go after the audit, whole, entry first",
    { ...two, changes: { instancesMax: 2 } },
    ["prove 2", ...bringIn, ...putIn, "clear 1 (retention): uki root"],
  ],
  [
    "an untested version that the loader would try before the way back is replaced, after everything is here",
    { versions: [{ version: "2", entry: "os_2+3-0.efi" }, { version: "1" }], running: "1" },
    ["prove 1", ...bringIn, "clear 2 (replaced): uki root", ...putIn],
  ],
  [
    "a broken version that the loader would try before the way back goes first",
    { versions: [{ version: "2", entry: "os_2+3-0.efi", image: "absent" }, { version: "1" }], running: "1" },
    ["prove 1", "clear 2 (broken): uki", ...bringIn, ...putIn],
  ],
  [
    "a version whose image is damaged counts as broken",
    { versions: [{ version: "2", image: "damaged" }, { version: "1" }], running: "1" },
    ["prove 1", "clear 2 (broken): uki root", ...bringIn, ...putIn],
  ],
  [
    "the running version stays although it is broken, and is proven because the loader falls back to it",
    { versions: [{ version: "2", image: "absent" }, { version: "1" }], running: "2" },
    ["prove 2", ...bringIn, ...putIn],
  ],
  [
    "the running version stays although its entry is counted",
    { versions: [{ version: "2", entry: "os_2+1-2.efi" }, { version: "1" }], running: "2" },
    ["prove 1", ...bringIn, ...putIn],
  ],
  [
    "a broken version behind the way back is not this update's business",
    { versions: [{ version: "2" }, { version: "1", image: "absent" }], running: "2" },
    ["prove 2", ...bringIn, ...putIn],
  ],
  [
    "the KDE incident: the entry of the target goes until its image is here, and comes again last",
    { versions: [{ version: "3", entry: "os_3+3-0.efi", image: "absent" }, { version: "2" }], running: "2" },
    ["prove 2", "clear 3 (incomplete): uki", ...bringIn, ...putIn],
  ],
  [
    "of a target whose entry is damaged only the entry is brought in again",
    { versions: [{ version: "3", entrySoundness: "damaged" }, { version: "2" }], running: "2" },
    ["prove 2", "clear 3 (incomplete): uki", "acquire 90-uki_3", "install 90-uki_3", "audit 3"],
  ],
  [
    "what is proven of the target already is not brought in again",
    { versions: [{ version: "3", entry: null }, { version: "2" }], running: "2" },
    ["prove 2", "acquire 90-uki_3", "install 90-uki_3", "audit 3"],
  ],
  [
    "entries of other systems are neither way back nor in the way",
    { ...two, foreign: [sampleEntry("windows.efi"), sampleEntry("zz_9.efi")] },
    ["prove 2", ...bringIn, ...putIn],
  ],
  [
    "the image of the target is not written while its entry is there",
    { versions: [{ version: "3", recorded: false, image: "unknown" }, { version: "2" }], running: "2" },
    ["prove 2", "clear 3 (incomplete): uki", ...bringIn, ...putIn],
  ],
];

for (const [sentence, machine, steps] of cases) {
  test(sentence, () => assert.deepEqual(sampleSteps(sampleSituation(machine)), steps));
}

test("images come before addons and addons before entries, by file name within a role", () => {
  const [root, uki] = sampleTransfers();
  const addon = sampleTransfer("10-addon", {
    path: "/EFI/Linux",
    patterns: "os_@v.efi.extra.d/a.addon.efi",
    target: "PathRelativeTo=boot",
  });
  const entry = sampleTransfer("05-old", {
    path: "/loader/entries",
    patterns: "os_@v.conf",
    target: "PathRelativeTo=boot",
  });
  const plan = samplePlan(sampleSituation({ versions: [], transfers: [entry, addon, root, uki] }));
  const wanted = ["50-root_3", "10-addon_3", "05-old_3", "90-uki_3"];
  assert.deepEqual(plan.steps.map(stepInWords), [
    ...wanted.map((name) => `acquire ${name}`),
    ...wanted.map((name) => `install ${name}`),
    "audit 3",
  ]);
});

test("with everything here nothing is to be done, and the reason says what boots next", () => {
  const tables: readonly (readonly [SampleMachine, string])[] = [
    [
      { versions: [{ version: "3" }, { version: "2" }], running: "3" },
      "version 3 is the newest on offer and is running",
    ],
    [
      { versions: [{ version: "3", entry: "os_3+3-0.efi" }, { version: "2" }], running: "2" },
      "version 3 is the newest on offer and is installed; it starts with the next boot",
    ],
    [
      { versions: [{ version: "3", entry: "os_3+0-3.efi" }, { version: "2" }], running: "2" },
      "version 3 is the newest on offer and is installed, but os_2.efi boots next",
    ],
  ];
  for (const [machine, why] of tables) {
    assert.deepEqual(samplePlanned(sampleSituation(machine)), {
      kind: "nothing-to-do",
      version: "3",
      why,
      notices: [],
    });
  }
});

const half: Leftover = {
  by: "holdfast",
  place: { kind: "file", path: "/system/.holdfast-half" },
  digestPrefix: sampleDigest("50-root_3").slice(0, 16),
  name: undefined,
  transfer: "50-root",
  sizeBytes: 5000,
  takenBytes: 8192,
};

test("what is half here is continued and not swept, and counts for neither download nor room", () => {
  const situation = sampleSituation(two);
  const plan = samplePlan({ ...situation, inventory: { ...situation.inventory, leftovers: [half] } });
  assert.deepEqual(plan.steps.map(stepInWords), [
    "prove 2",
    "acquire 50-root_3 from 5000",
    "acquire 90-uki_3",
    ...putIn,
  ]);
  assert.equal(plan.downloadBytes, sampleImageBytes + sampleEntryBytes - 5000);
  assert.deepEqual(
    plan.space.map(({ fileSystem, peakBytes }) => [fileSystem, peakBytes]),
    [
      ["root", sampleImageBytes - 8192],
      ["esp", sampleEntryBytes],
    ],
  );
});

test("the download is of unknown size when one resource is", () => {
  assert.equal(samplePlan(sampleSituation(two), { offer: { sizeBytes: undefined } }).downloadBytes, undefined);
});

test("acquire only brings in and changes nothing that anyone reads", () => {
  const situation = sampleSituation({
    versions: [{ version: "2", entry: "os_2+3-0.efi" }, { version: "1" }],
    running: "1",
    changes: { instancesMax: 2 },
  });
  const plan = samplePlan(situation, { acquireOnly: true });
  assert.deepEqual(plan.steps.map(stepInWords), ["prove 1", ...bringIn]);
  assert.deepEqual(plan.notices, []);
});

test("a version in the way that is pinned or protected refuses, and says how to go on", () => {
  const machine: SampleMachine = {
    versions: [{ version: "2", entry: "os_2+3-0.efi" }, { version: "1" }],
    running: "1",
  };
  const pinned = sampleRefusal(sampleSituation({ ...machine, pins: ["2"] }));
  assert.deepEqual(pinned, {
    code: "pinned",
    message: "Cannot update to 3: the loader would fall back to 2, which is pinned and not known to boot",
    hint: "Boot 2 once, or run: holdfast unpin 2",
  });
  const [root, uki] = sampleTransfers();
  const transfers = [{ ...root, protectVersions: [parseVersion("2")] }, uki];
  assert.deepEqual(sampleRefusal(sampleSituation({ ...machine, transfers })), {
    code: "pinned",
    message:
      "Cannot update to 3: the loader would fall back to 2, which ProtectVersion= keeps and which is not known to boot",
    hint: "Boot 2 once, or take it out of ProtectVersion=.",
  });
});

test("a pinned version that runs is not in the way", () => {
  const situation = sampleSituation({
    versions: [{ version: "2", entry: "os_2+1-2.efi" }, { version: "1" }],
    running: "2",
    pins: ["2"],
  });
  assert.deepEqual(sampleSteps(situation), ["prove 1", ...bringIn, ...putIn]);
});

test("a file system that is read-only refuses", () => {
  assert.deepEqual(sampleRefusal(sampleSituation({ ...two, readOnly: ["esp"] })), {
    code: "read-only",
    message: "Cannot update to 3: /efi is mounted read-only",
    hint: "Mount it writable: mount -o remount,rw /efi",
  });
});

test("what a person should know is said", () => {
  const notices = (machine: SampleMachine, offer: Partial<Offer> = {}): readonly string[] =>
    samplePlan(sampleSituation(machine), { offer }).notices;
  assert.deepEqual(notices(two), []);
  assert.deepEqual(notices({ versions: [] }), ["There is no way back: nothing else that could boot is installed."]);
  assert.deepEqual(notices({ versions: [{ version: "2", entry: "os_2+0-3.efi" }], running: "2" }), [
    "There is no way back: every other entry has used up its tries.",
  ]);
  assert.deepEqual(notices({ versions: [{ version: "2", entry: "os_2+2-1.efi" }], running: "2" }), [
    "The way back, 2, has not been found good yet: its entry still carries a counter.",
  ]);
  assert.deepEqual(notices({ versions: [{ version: "2" }] }), [
    "It is not known which version runs (os-release has no IMAGE_VERSION); the way back is the one the loader would start: 2.",
  ]);
  assert.deepEqual(notices({ versions: [{ version: "2", entry: "os_2+3-0.efi" }, { version: "1" }], running: "1" }), [
    "Version 2 was never booted and is replaced, so that 3 falls back to a version known to boot.",
  ]);
  assert.deepEqual(notices(two, { evidence: "none" }), [
    "50-root_3 is not verified (Verify=no): /system/os_3.erofs will show as unproven for ever.",
    "90-uki_3 is not verified (Verify=no): /efi/EFI/Linux/os_3+3-0.efi will show as unproven for ever.",
  ]);
});

test("an untested version that is replaced does not cost an older one its place", () => {
  const situation = sampleSituation({
    versions: [{ version: "2", entry: "os_2+3-0.efi" }, { version: "1" }, { version: "0" }],
    running: "1",
    changes: { instancesMax: 3 },
  });
  assert.deepEqual(sampleSteps(situation), ["prove 1", ...bringIn, "clear 2 (replaced): uki root", ...putIn]);
});

test("what is damaged of the running version is mended where it lies, under the name it has", () => {
  const machine: SampleMachine = {
    versions: [{ version: "3", entrySoundness: "damaged" }, { version: "2" }],
    running: "3",
  };
  const plan = samplePlan(sampleSituation(machine));
  assert.deepEqual(plan.steps.map(stepInWords), ["prove 2", "acquire 90-uki_3", "install 90-uki_3", "audit 3"]);
  const [, acquire] = plan.steps;
  assert.ok(acquire?.kind === "acquire");
  assert.deepEqual(acquire.destination.place, { kind: "file", path: "/efi/EFI/Linux/os_3.efi" });
});

test("links are set last, those that already point at the target are left alone", () => {
  const transfers = ["50-root", "60-data"].map((id) =>
    sampleTransfer(id, {
      path: "/system",
      patterns: `${id === "50-root" ? "os" : "data"}_@v.erofs`,
      target: `CurrentSymlink=/system/${id}`,
    }),
  );
  const linked = (first: string, second: string): ReadonlyMap<string, Version> =>
    new Map([
      ["50-root", parseVersion(first)],
      ["60-data", parseVersion(second)],
    ]);
  const steps = (versions: readonly string[], first: string, second: string): readonly string[] =>
    sampleSteps(
      sampleSituation({
        transfers,
        versions: versions.map((version) => ({ version })),
        changes: { linked: linked(first, second) },
      }),
    );
  assert.deepEqual(steps(["2"], "2", "2"), [
    "prove 2",
    "acquire 50-root_3",
    "acquire 60-data_3",
    "install 50-root_3",
    "install 60-data_3",
    "link /system/50-root /system/os_3.erofs",
    "link /system/60-data /system/data_3.erofs",
    "audit 3",
  ]);
  // What a power cut between the two left.
  assert.deepEqual(steps(["3", "2"], "3", "2"), ["link /system/60-data /system/data_3.erofs", "audit 3"]);
  const done = sampleSituation({
    transfers,
    versions: [{ version: "3" }, { version: "2" }],
    changes: { linked: linked("3", "3") },
  });
  assert.equal(samplePlanned(done).kind, "nothing-to-do");
});
