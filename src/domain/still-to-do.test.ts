import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../base/ids.ts";
import type { ResourceRecord } from "./records.ts";
import { sampleDigest, type SampleMachine, sampleRelease, sampleSituation } from "./sample-situation.ts";
import { sampleTransfers } from "./sample-transfer.ts";
import type { Situation } from "./situation.ts";
import { isRepublished, stillToDo } from "./still-to-do.ts";

const three = parseVersion("3");

function todo(situation: Situation, shape?: "xz"): readonly string[] {
  const offer = shape === undefined ? {} : { shape: { kind: "bytes", compression: shape } as const };
  return stillToDo(situation, sampleRelease("3", situation.transfers, offer)).map(({ transfer }) => transfer.id);
}

const both = ["50-root", "90-uki"];
const cases: readonly (readonly [sentence: string, machine: SampleMachine, todo: readonly string[]])[] = [
  ["all of a version that is not here is to do", { versions: [{ version: "2" }] }, both],
  ["nothing is to do where all is verified", { versions: [{ version: "3" }] }, []],
  [
    "the right name is not enough: without a record all is to do",
    { versions: [{ version: "3", recorded: false }] },
    both,
  ],
  ["what is not read since it changed is to do", { versions: [{ version: "3", image: "unchecked" }] }, ["50-root"]],
  ["what is damaged is to do", { versions: [{ version: "3", entrySoundness: "damaged" }] }, ["90-uki"]],
  ["what is recorded and missing is to do", { versions: [{ version: "3", image: "absent" }] }, ["50-root"]],
];
for (const [sentence, machine, answer] of cases)
  test(sentence, () => assert.deepEqual(todo(sampleSituation(machine)), answer));

/** Version 3 with a change to what is recorded of its image. */
function recorded(change: (record: ResourceRecord) => ResourceRecord): Situation {
  const situation = sampleSituation({ versions: [{ version: "3" }] });
  const record = situation.versions.get(three);
  assert.ok(record !== undefined);
  const resources = record.resources.map((item) => (item.transfer === "50-root" ? change(item) : item));
  return { ...situation, versions: new Map([[three, { ...record, resources }]]) };
}

const adopted = ({ transfer, role, place, content }: ResourceRecord): ResourceRecord => ({
  transfer,
  role,
  place,
  content,
  trust: "adopted",
});
const other = sampleDigest("other");

test("what was found here counts by its content, where its content is what travels", () => {
  assert.deepEqual(todo(recorded(adopted)), []);
  assert.deepEqual(todo(recorded(adopted), "xz"), ["50-root"]);
  const different = (record: ResourceRecord): ResourceRecord => ({
    ...adopted(record),
    content: { kind: "bytes", sha256: other, sizeBytes: 1 },
  });
  assert.deepEqual(todo(recorded(different)), ["50-root"]);
});

test("other bytes under the same name are to do, and noticed as republished", () => {
  const situation = recorded((record) => ({ ...record, sourceSha256: other }));
  assert.deepEqual(todo(situation), ["50-root"]);
  assert.equal(isRepublished(situation, sampleRelease("3")), true);
});

test("a version is not republished because nobody knows where its bytes came from, or what is offered", () => {
  const release = sampleRelease("3");
  assert.equal(isRepublished(sampleSituation({ versions: [{ version: "3" }] }), release), false);
  assert.equal(isRepublished(recorded(adopted), release), false);
  assert.equal(isRepublished(sampleSituation({ versions: [] }), release), false);
  const unknown = sampleRelease("3", sampleTransfers(), { sha256: undefined });
  assert.equal(
    isRepublished(
      recorded((record) => ({ ...record, sourceSha256: other })),
      unknown,
    ),
    false,
  );
});

test("what the plan takes away first is to do again, and what nobody offers is not", () => {
  const situation = sampleSituation({ versions: [{ version: "3" }] });
  const entry = situation.inventory.instances.filter(({ transfer }) => transfer === "90-uki");
  const ids = stillToDo(situation, sampleRelease("3"), new Set(entry)).map(({ transfer }) => transfer.id);
  assert.deepEqual(ids, ["90-uki"]);
  const release = { ...sampleRelease("4"), offers: sampleRelease("4").offers.slice(0, 1) };
  assert.deepEqual(
    stillToDo(situation, release).map(({ transfer }) => transfer.id),
    ["50-root"],
  );
});
