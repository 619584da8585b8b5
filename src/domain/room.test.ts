import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../base/ids.ts";
import type { Leftover } from "./resource.ts";
import { samplePlan, sampleRefusal, sampleSteps } from "./sample-plan.ts";
import {
  sampleDigest,
  sampleEntryBytes,
  sampleImageBytes,
  type SampleMachine,
  sampleSituation,
} from "./sample-situation.ts";
import { sampleTransfers } from "./sample-transfer.ts";
import type { Situation } from "./situation.ts";

const mebi = 1024 * 1024;
/** What a plan keeps free. */
const margin = mebi;
const four: SampleMachine = { versions: ["2", "1.10", "1.9", "1.8"].map((version) => ({ version })), running: "2" };
const plainSteps = ["acquire 50-root_3", "acquire 90-uki_3", "install 50-root_3", "install 90-uki_3", "audit 3"];

function withRoom(root: number, esp: number, rest: Partial<SampleMachine> = {}): Situation {
  const changes = { instancesMax: 9, ...rest.changes };
  return sampleSituation({ ...four, ...rest, free: { root, esp }, changes });
}

test("where there is just room for the new version nothing goes", () => {
  const plan = samplePlan(withRoom(sampleImageBytes + margin, sampleEntryBytes + margin));
  assert.equal(plan.steps.filter(({ kind }) => kind === "clear").length, 0);
  assert.deepEqual(plan.space, [
    {
      fileSystem: "root",
      mountPoint: "/",
      availableBytes: sampleImageBytes + margin,
      peakBytes: sampleImageBytes,
      netBytes: sampleImageBytes,
    },
    {
      fileSystem: "esp",
      mountPoint: "/efi",
      availableBytes: sampleEntryBytes + margin,
      peakBytes: sampleEntryBytes,
      netBytes: sampleEntryBytes,
    },
  ]);
});

test("where a byte is short the oldest version goes first, whole, after the way back is proven", () => {
  const situation = withRoom(sampleImageBytes + margin - 1, 1024 * mebi);
  assert.deepEqual(sampleSteps(situation), ["prove 2", "clear 1.8 (make-room): uki root", ...plainSteps]);
  const plan = samplePlan(situation);
  assert.deepEqual(plan.notices, ["Version 1.8 is removed before the download, to make room."]);
  assert.deepEqual(
    plan.space.map(({ netBytes }) => netBytes),
    [0, 0],
  );
});

test("the ESP counts like any other file system, and each version frees room on both", () => {
  const situation = withRoom(1024 * mebi, 0);
  assert.deepEqual(sampleSteps(situation), [
    "prove 2",
    "clear 1.8 (make-room): uki root",
    "clear 1.9 (make-room): uki root",
    ...plainSteps,
  ]);
});

const kept: readonly (readonly [sentence: string, rest: Partial<SampleMachine>, gone: readonly string[]])[] = [
  ["a pinned version does not make room", { pins: ["1.8"] }, ["1.9"]],
  ["a protected version does not make room", { transfers: protecting("1.8") }, ["1.9"]],
  ["the running version does not make room, however old", { running: "1.8" }, ["1.9"]],
  [
    "a version in use through a link does not make room",
    { changes: { linked: new Map([["50-root", parseVersion("1.8")]]) } },
    ["1.9"],
  ],
];

function protecting(version: string): ReturnType<typeof sampleTransfers> {
  const [root, uki] = sampleTransfers();
  return [{ ...root, protectVersions: [parseVersion(version)] }, uki];
}

for (const [sentence, rest, gone] of kept) {
  test(sentence, () => {
    const plan = samplePlan(withRoom(mebi, 1024 * mebi, rest));
    const removed = plan.steps.flatMap((step) => (step.kind === "clear" ? [step.removal.version] : []));
    assert.deepEqual(removed, gone);
  });
}

test("nothing newer than the way back makes room: the update is refused with the numbers", () => {
  const refusal = sampleRefusal(withRoom(mebi, 1024 * mebi, { versions: [{ version: "2" }], running: "2" }));
  assert.deepEqual(refusal, {
    code: "no-space",
    message: "Cannot update to 3: / needs 101.0 MiB and has 1.0 MiB",
    hint: "Free 100.0 MiB there by hand, or enlarge it; nothing of Holdfast's can go without losing the way back.",
  });
});

test("without a way back nothing makes room", () => {
  const broken: SampleMachine = {
    versions: [{ version: "1", entry: "os_1+0-3.efi" }],
    running: "1",
    free: { root: mebi },
  };
  assert.equal(sampleRefusal(sampleSituation(broken)).code, "no-space");
});

test("no version makes room without a way back, nor one that is newer than it", () => {
  const bad = ["2", "1"].map((version) => ({ version, entry: `os_${version}+0-3.efi` }));
  assert.equal(sampleRefusal(withRoom(mebi, 1024 * mebi, { versions: bad, running: "2" })).code, "no-space");
  const versions = ["2", "1"].map((version) => ({ version }));
  const situation = withRoom(mebi, 1024 * mebi, { versions, running: "1" });
  const pinnedDown = { ...situation, loader: { ...situation.loader, choices: { default: "os_1.efi" } } };
  assert.equal(sampleRefusal(pinnedDown).code, "no-space");
});

test("the refusal names what unpinning would free, but not the pin on the way back", () => {
  const refusal = sampleRefusal(
    withRoom(mebi, 1024 * mebi, { versions: [{ version: "2" }, { version: "1" }], pins: ["1", "2"] }),
  );
  assert.equal(refusal.hint, "Unpinning 1 would free 100.0 MiB.");
});

test("what a broken version frees before the download counts as room", () => {
  const situation = withRoom(mebi, 1024 * mebi, { versions: [{ version: "2.5", image: "damaged" }, { version: "2" }] });
  assert.deepEqual(sampleSteps(situation), ["prove 2", "clear 2.5 (broken): uki root", ...plainSteps]);
});

function leftover(change: Partial<Leftover>): Leftover {
  return {
    by: "holdfast",
    place: { kind: "file", path: "/system/.holdfast-0123456789abcdef" },
    digestPrefix: "0123456789abcdef",
    name: undefined,
    transfer: "50-root",
    sizeBytes: sampleImageBytes,
    takenBytes: change.sizeBytes ?? sampleImageBytes,
    ...change,
  };
}

function withLeftover(root: number, change: Partial<Leftover>): Situation {
  const situation = withRoom(root, 1024 * mebi, { versions: [{ version: "2" }] });
  return { ...situation, inventory: { ...situation.inventory, leftovers: [leftover(change)] } };
}

test("what an interrupted update to another version left makes room before the download", () => {
  const situation = withLeftover(mebi, {});
  assert.deepEqual(sampleSteps(situation), ["prove 2", "sweep 0123456789abcdef", ...plainSteps]);
  assert.deepEqual(sampleSteps(situation, { acquireOnly: true }), [
    "prove 2",
    "sweep 0123456789abcdef",
    "acquire 50-root_3",
    "acquire 90-uki_3",
  ]);
  assert.deepEqual(samplePlan(situation).space[0]?.netBytes, 0);
});

test("a tree that was left makes room of unknown size: the download finds out whether it is enough", () => {
  const situation = withLeftover(mebi, {
    place: { kind: "tree", path: "/system/.holdfast-0123456789abcdef", subvolume: false },
    sizeBytes: 4096,
  });
  assert.equal(sampleSteps(situation)[1], "sweep 0123456789abcdef");
});

test("what is left of the target itself is room already taken", () => {
  const digest = sampleDigest("50-root_3");
  const half = sampleImageBytes / 2;
  assert.equal(
    samplePlan(withLeftover(half + margin, { digestPrefix: digest.slice(0, 16), sizeBytes: half })).space[0]?.peakBytes,
    half,
  );
  assert.equal(
    sampleRefusal(withLeftover(half + margin - 1, { digestPrefix: digest.slice(0, 16), sizeBytes: half })).code,
    "no-space",
  );
});

test("beside a compressed source its content needs room, three times as much where nobody says how much", () => {
  const shape = { kind: "bytes", compression: "xz" } as const;
  const plan = samplePlan(withRoom(1024 * mebi, 1024 * mebi), { offer: { shape, sizeBytes: 10 * mebi } });
  assert.deepEqual(
    plan.space.map(({ peakBytes, netBytes }) => [peakBytes, netBytes]),
    [
      [40 * mebi, 30 * mebi],
      [40 * mebi, 30 * mebi],
    ],
  );
  const fields = { version: parseVersion("3"), sizeBytes: 12 * mebi };
  const told = samplePlan(withRoom(1024 * mebi, 1024 * mebi), { offer: { shape, sizeBytes: 10 * mebi, fields } });
  assert.deepEqual(
    told.space.map(({ peakBytes }) => peakBytes),
    [22 * mebi, 22 * mebi],
  );
});

test("content that a crash left half unpacked is unpacked again in its place", () => {
  const digest = sampleDigest("50-root_3");
  const shape = { kind: "bytes", compression: "xz" } as const;
  const situation = withLeftover(11 * mebi, { digestPrefix: digest.slice(-16), sizeBytes: 30 * mebi });
  const plan = samplePlan(situation, { offer: { shape, sizeBytes: 10 * mebi } });
  assert.deepEqual(plan.space[0]?.peakBytes, 10 * mebi);
});

test("a file takes whole blocks", () => {
  const plan = samplePlan(withRoom(1024 * mebi, 1024 * mebi), { offer: { sizeBytes: 4097 } });
  assert.deepEqual(
    plan.space.map(({ peakBytes }) => peakBytes),
    [8192, 8192],
  );
});

test("room that an interrupted download reserved for itself is not asked for a second time", () => {
  const digestPrefix = sampleDigest("50-root_3").slice(0, 16);
  const plan = samplePlan(withLeftover(margin, { digestPrefix, sizeBytes: 5000, takenBytes: sampleImageBytes }));
  assert.deepEqual(
    plan.space.map(({ fileSystem, peakBytes }) => [fileSystem, peakBytes]),
    [
      ["root", 0],
      ["esp", sampleEntryBytes],
    ],
  );
});

test("a partial that has grown beyond its resource goes first, and the room it took counts", () => {
  const digestPrefix = sampleDigest("50-root_3").slice(0, 16);
  const overgrown = { digestPrefix, sizeBytes: sampleImageBytes + 1, takenBytes: sampleImageBytes + mebi };
  const situation = withLeftover(0, overgrown);
  assert.deepEqual(sampleSteps(situation).slice(0, 3), ["prove 2", `sweep ${digestPrefix}`, "acquire 50-root_3"]);
  const acquire = samplePlan(situation).steps.find((step) => step.kind === "acquire");
  assert.equal(acquire?.resumeBytes, 0);
  assert.equal(sampleRefusal(withLeftover(0, { ...overgrown, takenBytes: sampleImageBytes })).code, "no-space");
});
