import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../base/ids.ts";
import type { Plan, Planned, Refusal, Step } from "./plan.ts";
import { planUpdate } from "./planner.ts";
import { nothingTakenFromUnder, planKeepsWayBack } from "./promises.ts";
import type { Leftover, Offer } from "./resource.ts";
import { sampleEntry } from "./sample-entry.ts";
import {
  sampleDigest,
  sampleEntryBytes,
  sampleImageBytes,
  type SampleMachine,
  sampleRelease,
  sampleSituation,
} from "./sample-situation.ts";
import { sampleTransfer, sampleTransfers } from "./sample-transfer.ts";
import type { Situation } from "./situation.ts";

/** A step in a few words. */
function word(step: Step): string {
  switch (step.kind) {
    case "prove":
      return `prove ${step.version}`;
    case "clear": {
      const parts = step.removal.instances.map(({ transfer }) => transfer.slice(3));
      return `clear ${step.removal.version} (${step.removal.why}): ${parts.join(" ")}`;
    }
    case "acquire":
      return `acquire ${step.offer.name}${step.resumeBytes > 0 ? ` from ${step.resumeBytes}` : ""}`;
    case "install":
      return `install ${step.offer.name}`;
    case "link":
      return `link ${step.symlink} ${step.target}`;
    case "audit":
      return `audit ${step.version}`;
    case "sweep":
      return `sweep ${step.leftovers.map(({ digestPrefix, name }) => digestPrefix ?? name).join(" ")}`;
  }
}

const v = parseVersion;

function planned(situation: Situation, version = "3", changes: Partial<Offer> = {}, acquireOnly = false): Planned {
  return planUpdate(situation, sampleRelease(version, situation.transfers, changes), { acquireOnly });
}

/** The plan, held against P2 and P3 whatever else a test looks at. */
function planOf(situation: Situation, version = "3", changes: Partial<Offer> = {}, acquireOnly = false): Plan {
  const outcome = planned(situation, version, changes, acquireOnly);
  assert.equal(outcome.kind, "plan", JSON.stringify(outcome));
  const { plan } = outcome as Extract<Planned, { kind: "plan" }>;
  const removals = plan.steps.flatMap((step) => (step.kind === "clear" ? [step.removal] : []));
  const { graph, pins, running } = situation;
  const p2 = nothingTakenFromUnder({ graph, removals });
  assert.ok(p2.holds, p2.sentence);
  const p3 = planKeepsWayBack({ graph, plan, pinned: [...pins], running: running.version });
  assert.ok(p3.holds, p3.sentence);
  return plan;
}

function refusalOf(outcome: Planned): Refusal {
  assert.equal(outcome.kind, "refused", JSON.stringify(outcome));
  return (outcome as Extract<Planned, { kind: "refused" }>).refusal;
}

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
    "the running version stays although it is broken and first",
    { versions: [{ version: "2", image: "absent" }, { version: "1" }], running: "2" },
    ["prove 1", ...bringIn, ...putIn],
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
  test(sentence, () => assert.deepEqual(planOf(sampleSituation(machine)).steps.map(word), steps));
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
  const plan = planOf(sampleSituation({ versions: [], transfers: [entry, addon, root, uki] }));
  const wanted = ["50-root_3", "10-addon_3", "05-old_3", "90-uki_3"];
  assert.deepEqual(plan.steps.map(word), [
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
    assert.deepEqual(planned(sampleSituation(machine)), { kind: "nothing-to-do", version: "3", why, notices: [] });
  }
});

const half: Leftover = {
  by: "holdfast",
  place: { kind: "file", path: "/system/.holdfast-half" },
  digestPrefix: sampleDigest("50-root_3").slice(0, 16),
  name: undefined,
  transfer: "50-root",
  sizeBytes: 5000,
};

test("what is half here is continued and not swept, and counts for neither download nor room", () => {
  const situation = sampleSituation(two);
  const plan = planOf({ ...situation, inventory: { ...situation.inventory, leftovers: [half] } });
  assert.deepEqual(plan.steps.map(word), ["prove 2", "acquire 50-root_3 from 5000", "acquire 90-uki_3", ...putIn]);
  assert.equal(plan.downloadBytes, sampleImageBytes + sampleEntryBytes - 5000);
  assert.deepEqual(
    plan.space.map(({ fileSystem, peakBytes }) => [fileSystem, peakBytes]),
    [
      ["root", sampleImageBytes - 5000],
      ["esp", sampleEntryBytes],
    ],
  );
});

test("the download is of unknown size when one resource is", () => {
  assert.equal(planOf(sampleSituation(two), "3", { sizeBytes: undefined }).downloadBytes, undefined);
});

test("acquire only brings in and changes nothing that anyone reads", () => {
  const situation = sampleSituation({
    versions: [{ version: "2", entry: "os_2+3-0.efi" }, { version: "1" }],
    running: "1",
    changes: { instancesMax: 2 },
  });
  const plan = planOf(situation, "3", {}, true);
  assert.deepEqual(plan.steps.map(word), ["prove 1", ...bringIn]);
  assert.deepEqual(plan.notices, []);
});

test("a version in the way that is pinned or protected refuses, and says how to go on", () => {
  const machine: SampleMachine = {
    versions: [{ version: "2", entry: "os_2+3-0.efi" }, { version: "1" }],
    running: "1",
  };
  const pinned = refusalOf(planned(sampleSituation({ ...machine, pins: ["2"] })));
  assert.deepEqual(pinned, {
    code: "pinned",
    message: "Cannot update to 3: the loader would fall back to 2, which is pinned and not known to boot",
    hint: "Boot 2 once, or run: holdfast unpin 2",
  });
  const [root, uki] = sampleTransfers();
  const transfers = [{ ...root, protectVersions: [v("2")] }, uki];
  assert.deepEqual(refusalOf(planned(sampleSituation({ ...machine, transfers }))), {
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
  assert.deepEqual(planOf(situation).steps.map(word), ["prove 1", ...bringIn, ...putIn]);
});

test("a file system that is read-only refuses", () => {
  assert.deepEqual(refusalOf(planned(sampleSituation({ ...two, readOnly: ["esp"] }))), {
    code: "read-only",
    message: "Cannot update to 3: /efi is mounted read-only",
    hint: "Mount it writable: mount -o remount,rw /efi",
  });
});

test("what a person should know is said", () => {
  const notices = (machine: SampleMachine, changes: Partial<Offer> = {}): readonly string[] =>
    planOf(sampleSituation(machine), "3", changes).notices;
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
  assert.deepEqual(planOf(situation).steps.map(word), [
    "prove 1",
    ...bringIn,
    "clear 2 (replaced): uki root",
    ...putIn,
  ]);
});
