import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../base/ids.ts";
import type { Instance } from "./resource.ts";
import { sampleInstance, type SampleMachine, sampleSituation } from "./sample-situation.ts";
import { sampleTransfer, sampleTransfers } from "./sample-transfer.ts";
import { everythingOf, hasEntries, instancesOf, isProtected, isWhole, nodeOf } from "./situation.ts";

const [root, uki] = sampleTransfers();
const one = parseVersion("1");

const wholes: readonly (readonly [sentence: string, machine: SampleMachine, whole: boolean])[] = [
  ["a version with all its parts is whole", { versions: [{ version: "1" }] }, true],
  [
    "one whose parts were never read is",
    { versions: [{ version: "1", image: "unknown", entrySoundness: "unchecked" }] },
    true,
  ],
  ["one with a damaged part is not", { versions: [{ version: "1", image: "damaged" }] }, false],
  ["one without its image is not", { versions: [{ version: "1", image: "absent" }] }, false],
  ["one without its entry is not", { versions: [{ version: "1", entry: null }] }, false],
  ["one that is not here is not", { versions: [{ version: "2" }] }, false],
];
for (const [sentence, machine, whole] of wholes)
  test(sentence, () => assert.equal(isWhole(sampleSituation(machine), one), whole));

test("everything of a version includes what a switched-off feature left", () => {
  const debug = sampleTransfer("60-debug", { path: "/system", patterns: "debug_@v.erofs" });
  const left = sampleInstance(debug, { version: "1" }) as Instance;
  const situation = {
    ...sampleSituation({ versions: [{ version: "2" }, { version: "1" }] }),
    disabled: { instances: [left], leftovers: [], slots: [] },
  };
  const ids = (instances: readonly Instance[]): readonly string[] => instances.map(({ transfer }) => transfer);
  assert.deepEqual(ids(instancesOf(situation, one)), ["50-root", "90-uki"]);
  assert.deepEqual(ids(everythingOf(situation, one)), ["50-root", "90-uki", "60-debug"]);
  assert.deepEqual(everythingOf(situation, parseVersion("2")).length, 2);
});

test("one definition that protects a version is enough", () => {
  const transfers = [root, { ...uki, protectVersions: [one] }];
  const situation = sampleSituation({ versions: [], transfers });
  assert.deepEqual([isProtected(situation, one), isProtected(situation, parseVersion("1.0"))], [true, false]);
});

test("a system has entries, a component has none", () => {
  assert.equal(hasEntries(sampleSituation({ versions: [] })), true);
  assert.equal(hasEntries(sampleSituation({ versions: [], transfers: [root] })), false);
});

test("the node of an entry is found by its path", () => {
  const { graph, loader } = sampleSituation({ versions: [{ version: "1" }] });
  const [entry] = loader.entries;
  assert.ok(entry !== undefined);
  assert.equal(nodeOf(graph, entry)?.version, "1");
  assert.equal(nodeOf(graph, { ...entry, path: "/efi/EFI/Linux/other.efi" }), undefined);
});
