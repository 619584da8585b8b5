import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../base/ids.ts";
import { chooseRelease, newestWhole } from "./choose-release.ts";
import type { HoldRecord, QuarantineRecord } from "./records.ts";
import type { Release } from "./resource.ts";
import { type SampleMachine, sampleRelease, sampleSituation } from "./sample-situation.ts";
import type { Situation } from "./situation.ts";

const nowMs = Date.UTC(2026, 2, 1);

/** `4!` stands for a release that lacks its root. */
function offering(machine: SampleMachine, offered: readonly string[], failed: readonly string[] = []): Situation {
  const releases = offered.map((text): Release => {
    const release = sampleRelease(text.replace("!", ""));
    return text.endsWith("!") ? { ...release, missing: ["50-root"] } : release;
  });
  const quarantine = new Map(
    failed.map((text): [ReturnType<typeof parseVersion>, QuarantineRecord] => {
      const version = parseVersion(text);
      return [version, { format: 1, version, atMs: 0, evidence: "panic", text: "it panicked" }];
    }),
  );
  const situation = sampleSituation(machine);
  return {
    ...situation,
    quarantine,
    catalog: { releases, withdrawn: new Set<never>(), manifests: [], checkedAtMs: nowMs },
  };
}

/** The version chosen, or why none is; then the notices. */
function chosen(situation: Situation, wanted?: string): readonly unknown[] {
  const choice = chooseRelease(situation, wanted === undefined ? undefined : parseVersion(wanted));
  switch (choice.kind) {
    case "release":
      return [choice.release.version, ...choice.notices];
    case "nothing-to-do":
      return [choice.version, choice.why, ...choice.notices];
    case "refused":
      return [choice.refusal.code, choice.refusal.message, choice.refusal.hint];
  }
}

const one: SampleMachine = { versions: [{ version: "1" }], running: "1" };
const two: SampleMachine = { versions: [{ version: "2" }, { version: "1" }], running: "1" };
const passed = "Version 3 is passed over: it panicked.";

const cases: readonly (readonly [sentence: string, situation: Situation, answer: readonly unknown[]])[] = [
  ["the newest complete version is chosen", offering(one, ["3", "2"]), ["3"]],
  [
    "one that is not complete is not, and it is said",
    offering(one, ["3!", "2"]),
    ["2", "Version 3 is passed over: nothing of it is offered for 50-root."],
  ],
  ["of an older one that is not complete nothing is said", offering(one, ["3", "2!"]), ["3"]],
  ["one that failed here is passed over, and it is said", offering(one, ["3", "2"], ["3"]), ["2", passed]],
  ["the version that runs is chosen too: something of it may be missing", offering(one, ["1"]), ["1"]],
  [
    "an older one than what is installed is not",
    offering(two, ["1"]),
    ["2", "version 2 is installed and newer than anything on offer (1)"],
  ],
  ["unless what is installed failed here", offering(two, ["1"], ["2"]), ["1"]],
  [
    "an older one than what runs never is",
    offering({ versions: [{ version: "2" }, { version: "1" }], running: "2" }, ["3", "1"], ["3", "2"]),
    ["2", "version 2 runs and is newer than anything else on offer (1)", passed],
  ],
  [
    "what is installed in part does not count as installed",
    offering({ versions: [{ version: "2", image: "absent" }, { version: "1" }], running: "1" }, ["1"]),
    ["1"],
  ],
  ["an empty repository has nothing", offering(one, []), ["1", "the repository offers nothing"]],
  [
    "a repository in the middle of an upload has nothing",
    offering(one, ["3!"]),
    ["1", "no version in the repository is complete (3 lacks 50-root)"],
  ],
  [
    "where all failed here, it is said",
    offering(one, ["3"], ["3"]),
    ["1", "every version on offer has failed here or was gone back from", passed],
  ],
];

for (const [sentence, situation, answer] of cases) test(sentence, () => assert.deepEqual(chosen(situation), answer));

test("a version that a person names is taken, failed or old as it may be", () => {
  assert.deepEqual(chosen(offering(two, ["3", "1"], ["3"]), "3"), ["3"]);
  assert.deepEqual(chosen(offering(two, ["3", "1"]), "1"), ["1"]);
});

test("a named version that is not on offer, or not all of it, refuses", () => {
  assert.deepEqual(chosen(offering(one, ["3", "2"]), "9"), [
    "unknown-version",
    "Cannot update to 9: the repository does not offer it",
    "It offers: 3, 2.",
  ]);
  assert.deepEqual(chosen(offering(one, ["3!"]), "9"), [
    "unknown-version",
    "Cannot update to 9: the repository does not offer it",
    "The repository offers no complete version at all.",
  ]);
  assert.deepEqual(chosen(offering(one, ["3!"]), "3"), [
    "incomplete-release",
    "Cannot update to 3: the repository has nothing of it for 50-root",
    "The publisher has not finished uploading it, or the definitions ask for more than is published.",
  ]);
});

test("a version that was taken back is refused by name, whether it is on offer somewhere or not", () => {
  const { catalog, ...situation } = offering(one, ["3"]);
  const withdrawn = new Set([parseVersion("9")]);
  assert.ok(catalog);
  assert.deepEqual(chosen({ ...situation, catalog: { ...catalog, withdrawn } }, "9"), [
    "withdrawn",
    "Cannot update to 9: its publisher has taken it back",
    "Update to another version; one that is installed already can be chosen with holdfast rollback.",
  ]);
});

test("no update starts while the running version is on trial, named or not", () => {
  const situation = offering(one, ["3"]);
  const onTrial: Situation = { ...situation, running: { ...situation.running, onTrial: true } };
  for (const wanted of [undefined, "3"]) {
    assert.deepEqual(chosen(onTrial, wanted), [
      "on-trial",
      "Cannot update: version 1 runs on trial and has not been found good yet",
      "Wait until its boot has been judged (boot-complete.target), or go back with holdfast rollback.",
    ]);
  }
});

test("a hold refuses until its moment, and for ever without one", () => {
  const held = (hold: HoldRecord): readonly unknown[] => chosen({ ...offering(one, ["3"]), hold }, "3");
  assert.deepEqual(held({ format: 1, sinceMs: 0 }), [
    "held",
    "Cannot update: updates are held until you release them",
    "Release them with: holdfast hold --off",
  ]);
  assert.deepEqual(
    held({ format: 1, sinceMs: 0, untilMs: nowMs + 60_000 })[1],
    "Cannot update: updates are held until 2026-03-01 00:01 UTC",
  );
  assert.deepEqual(held({ format: 1, sinceMs: 0, untilMs: nowMs }), ["3"]);
});

test("the newest whole version is told by what is here, not by the loader", () => {
  assert.equal(
    newestWhole(sampleSituation({ versions: [{ version: "1.10", entry: "os_1.10+0-3.efi" }, { version: "1.9" }] })),
    "1.10",
  );
  assert.equal(newestWhole(sampleSituation({ versions: [{ version: "2", image: "damaged" }, { version: "1" }] })), "1");
  assert.equal(newestWhole(sampleSituation({ versions: [] })), undefined);
});
