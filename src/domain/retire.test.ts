import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion, type Version } from "../base/ids.ts";
import { removalOf } from "./removal.ts";
import { chooseRetired } from "./retire.ts";
import { sampleInstance, type SampleMachine, sampleSituation } from "./sample-situation.ts";
import { sampleTransfer, sampleTransfers } from "./sample-transfer.ts";
import { everythingOf, type Situation } from "./situation.ts";

const versions = ["4", "3", "2", "1"].map((version) => ({ version }));
const [root, uki] = sampleTransfers();

function set(...texts: readonly string[]): ReadonlySet<Version> {
  return new Set(texts.map(parseVersion));
}

function retired(
  machine: Partial<SampleMachine>,
  {
    target,
    keep = [],
    gone = [],
  }: { readonly target?: string; readonly keep?: readonly string[]; readonly gone?: readonly string[] } = {},
): readonly Version[] {
  const situation = sampleSituation({ versions, ...machine });
  const wanted = target === undefined ? undefined : parseVersion(target);
  return chooseRetired(situation, wanted, set(...keep), set(...gone)).map(({ version }) => version);
}

const max = (instancesMax: number): Partial<SampleMachine> => ({ changes: { instancesMax } });

test("the oldest go until as many are left as may stay, the new one counted", () => {
  assert.deepEqual(retired(max(4)), []);
  assert.deepEqual(retired(max(3)), ["1"]);
  assert.deepEqual(retired(max(2)), ["1", "2"]);
  assert.deepEqual(retired(max(3), { target: "5" }), ["1", "2"]);
});

test("two always stay, or there would be no way back", () => {
  for (const limit of [0, 1]) assert.deepEqual(retired(max(limit)), ["1", "2"]);
});

test("without a limit from the command line the definitions decide, the smallest of them", () => {
  const three = { ...root, target: { ...root.target, instancesMax: 3 } };
  assert.deepEqual(retired({ transfers: [three, uki] }), ["1"]);
  assert.deepEqual(retired({ transfers: [{ ...three, target: { ...three.target, instancesMax: 9 } }, uki] }), ["1"]);
});

test("what runs, is the way back, is pinned or protected stays beyond any limit", () => {
  assert.deepEqual(retired({ ...max(2), running: "1" }), ["2", "3"]);
  assert.deepEqual(retired(max(2), { keep: ["1", "2"] }), ["3", "4"]);
  assert.deepEqual(retired({ ...max(2), pins: ["1", "2", "3", "4"] }), []);
  const transfers = [{ ...root, protectVersions: [parseVersion("1")] }, uki];
  assert.deepEqual(retired({ ...max(2), transfers }), ["2", "3"]);
});

test("what cannot boot, failed here or is obsolete goes before what is merely old", () => {
  const quarantine = new Map([
    [parseVersion("3"), { format: 1, version: parseVersion("3"), atMs: 0, evidence: "panic", text: "" } as const],
  ]);
  assert.deepEqual(retired({ changes: { instancesMax: 3, quarantine } }), ["3"]);
  const damaged = versions.map((sample) =>
    sample.version === "3" ? { ...sample, image: "damaged" as const } : sample,
  );
  assert.deepEqual(retired({ ...max(3), versions: damaged }), ["3"]);
  const transfers = [root, { ...uki, minVersion: parseVersion("2") }];
  assert.deepEqual(retired({ ...max(3), transfers }), ["1"]);
});

test("what the plan removes earlier neither counts nor goes twice", () => {
  assert.deepEqual(retired(max(3), { target: "5", gone: ["1"] }), ["2"]);
  assert.deepEqual(retired(max(3), { target: "5", gone: ["1", "4"] }), []);
});

test("a version goes whole, entries first, then addons, what a switched-off feature left, and images", () => {
  const addon = sampleTransfer("10-addon", {
    path: "/EFI/Linux",
    patterns: "os_@v.efi.extra.d/a.addon.efi",
    target: "PathRelativeTo=boot",
  });
  const debug = sampleTransfer("60-debug", { path: "/system", patterns: "debug_@v.erofs" });
  const situation = sampleSituation({ versions: [{ version: "1" }], transfers: [root, addon, uki] });
  const left = sampleInstance(debug, { version: "1" });
  assert.ok(left !== undefined);
  const withLeft: Situation = { ...situation, disabled: { instances: [left], leftovers: [], slots: [] } };
  const version = parseVersion("1");
  const removal = removalOf(withLeft, version, "asked", everythingOf(withLeft, version));
  assert.deepEqual(
    removal.instances.map(({ transfer }) => transfer),
    ["90-uki", "10-addon", "60-debug", "50-root"],
  );
  assert.equal(removal.why, "asked");
});
