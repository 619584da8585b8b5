import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion, type Version } from "../base/ids.ts";
import { sampleEntry } from "./sample-entry.ts";
import { type SampleMachine, sampleSituation, type SampleVersion } from "./sample-situation.ts";
import { sampleTransfer } from "./sample-transfer.ts";
import type { LoaderChoices, LoaderConfig } from "./loader.ts";
import { findWayBack } from "./way-back.ts";

const target = parseVersion("9");

function found(
  machine: SampleMachine,
  loader: { readonly config?: LoaderConfig; readonly choices?: LoaderChoices } = {},
): unknown {
  const situation = sampleSituation(machine);
  const { wayBack, inTheWay, counted } = findWayBack(
    { ...situation, loader: { ...situation.loader, ...loader } },
    target,
    true,
  );
  const name = wayBack.kind === "version" ? wayBack.entry?.fileName : wayBack.why;
  return [name, inTheWay.map(({ version }) => version), ...(counted ? ["counted"] : [])];
}

const v = (version: string, entry?: string, rest: Partial<SampleVersion> = {}): SampleVersion => ({
  version,
  ...(entry === undefined ? {} : { entry }),
  ...rest,
});
const nothing = "nothing else that could boot is installed";

const cases: readonly (readonly [sentence: string, machine: SampleMachine, answer: readonly unknown[]])[] = [
  ["it is the newest entry without a counter", { versions: [v("2"), v("1")] }, ["os_2.efi", []]],
  ["the version that is updated to is never its own way back", { versions: [v("9"), v("1")] }, ["os_1.efi", []]],
  ["an empty machine has none", { versions: [] }, [nothing, []]],
  ["what has no entry is none", { versions: [v("2"), { version: "1", entry: null }] }, ["os_2.efi", []]],
  [
    "a counted entry before a plain one is in its way",
    { versions: [v("2", "os_2+2-1.efi"), v("1")] },
    ["os_1.efi", ["2"]],
  ],
  [
    "an entry that is given up comes after it and is not in its way",
    { versions: [v("2", "os_2+0-3.efi"), v("1")] },
    ["os_1.efi", []],
  ],
  [
    "a broken entry before it is in its way",
    { versions: [v("2", undefined, { image: "absent" }), v("1")] },
    ["os_1.efi", ["2"]],
  ],
  [
    "where all are counted it is the first of them",
    { versions: [v("2", "os_2+2-1.efi"), v("1", "os_1+3-0.efi")] },
    ["os_2+2-1.efi", [], "counted"],
  ],
  [
    "a broken one before a counted one is in its way",
    { versions: [v("2", undefined, { image: "damaged" }), v("1", "os_1+3-0.efi")] },
    ["os_1+3-0.efi", ["2"], "counted"],
  ],
  [
    "where all have used up their tries there is none",
    { versions: [v("2", "os_2+0-3.efi"), v("1", "os_1+0-3.efi")] },
    ["every other entry has used up its tries", []],
  ],
  [
    "where all are broken there is none, and they are in the way",
    { versions: [v("2", undefined, { image: "absent" })] },
    [nothing, ["2"]],
  ],
  [
    "an unchecked or unknown part does not make an entry broken",
    { versions: [v("2", undefined, { image: "unchecked", entrySoundness: "unknown" }), v("1")] },
    ["os_2.efi", []],
  ],
  [
    "entries of other systems are passed over",
    { versions: [v("2", "os_2+3-0.efi"), v("1")], foreign: [sampleEntry("zz.efi"), sampleEntry("aa.efi")] },
    ["os_1.efi", ["2"]],
  ],
];

for (const [sentence, machine, answer] of cases) test(sentence, () => assert.deepEqual(found(machine), answer));

const both: SampleMachine = { versions: [v("2"), v("1")] };

test("what the loader is told to prefer is what it falls back to, but a choice for one boot is gone by then", () => {
  assert.deepEqual(found(both, { choices: { default: "os_1.efi" } }), ["os_1.efi", []]);
  assert.deepEqual(found(both, { config: { default: "os_1.efi" } }), ["os_1.efi", []]);
  assert.deepEqual(found(both, { config: { preferred: "os_1*" } }), ["os_1.efi", []]);
  assert.deepEqual(found(both, { choices: { oneShot: "os_1.efi" } }), ["os_2.efi", []]);
  assert.deepEqual(found(both, { choices: { default: "os_9*" } }), ["os_2.efi", []]);
});

test("a default that pins a counted entry puts it in the way", () => {
  const machine = { versions: [v("2"), v("1", "os_1+3-0.efi")] };
  assert.deepEqual(found(machine, { choices: { default: "os_1.efi" } }), ["os_2.efi", ["1"]]);
});

const component = [sampleTransfer("50-root", { path: "/system", patterns: "os_@v.erofs" })];

function ofComponent(machine: Omit<SampleMachine, "transfers">): Version | string {
  const { wayBack } = findWayBack(sampleSituation({ ...machine, transfers: component }), target, false);
  return wayBack.kind === "version" ? wayBack.version : wayBack.why;
}

test("the way back of a component is what is in use, else what runs, else the newest whole version", () => {
  const versions = [v("9"), v("3", undefined, { image: "damaged" }), v("2"), v("1"), v("0")];
  const linked = new Map([["50-root", parseVersion("1")]]);
  assert.equal(ofComponent({ versions, running: "0", changes: { linked } }), "1");
  assert.equal(ofComponent({ versions, running: "0" }), "0");
  assert.equal(ofComponent({ versions }), "2");
  assert.equal(ofComponent({ versions, running: "3" }), "2");
  assert.equal(ofComponent({ versions: [v("9")] }), "no other version is installed");
});
