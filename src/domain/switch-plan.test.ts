import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../base/ids.ts";
import { sampleEntry } from "./sample-entry.ts";
import { type SampleMachine, sampleSituation } from "./sample-situation.ts";
import { sampleTransfer, sampleTransfers } from "./sample-transfer.ts";
import type { LoaderState } from "./loader.ts";
import { planSwitch, type SwitchPlan } from "./switch-plan.ts";

function planned(
  entries: readonly string[],
  wanted: string,
  rest: Partial<SampleMachine> = {},
  loader: Partial<LoaderState> = {},
): SwitchPlan {
  const versions = entries.map((entry) => ({ version: /_([0-9.]+?)(?:\+|\.efi)/.exec(entry)?.[1] ?? "", entry }));
  const situation = sampleSituation({ versions, ...rest });
  const version = parseVersion(wanted);
  const node = situation.graph.nodes.find((item) => item.version === version);
  assert.ok(node !== undefined);
  return planSwitch({ ...situation, loader: { ...situation.loader, ...loader } }, { ...node, version });
}

function inWords({ renames, passedOver, stuck, clearOneShot, clearDefault }: SwitchPlan): readonly string[] {
  return [
    ...renames.map(({ entry, fileName }) => `${entry.fileName} -> ${fileName}`),
    ...passedOver.map((version) => `pass ${version}`),
    ...stuck.map(({ fileName }) => `stuck ${fileName}`),
    ...(clearOneShot ? ["clear one-shot"] : []),
    ...(clearDefault ? ["clear default"] : []),
  ];
}

const cases: readonly (readonly [
  sentence: string,
  entries: readonly string[],
  wanted: string,
  words: readonly string[],
])[] = [
  ["what boots next already needs nothing", ["os_2.efi", "os_1.efi"], "2", []],
  [
    "going back marks what comes first as given up",
    ["os_2.efi", "os_1.efi"],
    "1",
    ["os_2.efi -> os_2+0-0.efi", "pass 2"],
  ],
  [
    "a counter keeps its width and what was done",
    ["os_2+03-1.efi", "os_1.efi"],
    "1",
    ["os_2+03-1.efi -> os_2+00-1.efi", "pass 2"],
  ],
  [
    "all that come first are passed over, what boots next last: what is between may be unable to boot",
    ["os_3.efi", "os_2.efi", "os_1.efi"],
    "1",
    ["os_2.efi -> os_2+0-0.efi", "os_3.efi -> os_3+0-0.efi", "pass 3", "pass 2"],
  ],
  [
    "the wanted entry loses its counter before the others get theirs, so that any moment boots",
    ["os_2.efi", "os_1+0-3.efi"],
    "1",
    ["os_1+0-3.efi -> os_1.efi", "os_2.efi -> os_2+0-0.efi", "pass 2"],
  ],
  ["what was given up already is not renamed again", ["os_2+0-3.efi", "os_1.efi"], "1", []],
];

for (const [sentence, entries, wanted, words] of cases)
  test(sentence, () => assert.deepEqual(inWords(planned(entries, wanted)), words));

test("going forward again to a newer version gives it its tries anew", () => {
  const plan = planned(["os_3+0-3.efi", "os_2.efi"], "3", { running: "2" });
  assert.deepEqual(inWords(plan), ["os_3+0-3.efi -> os_3+3-1.efi"]);
  assert.deepEqual(inWords(planned(["os_3+0-0.efi", "os_2.efi"], "3", { running: "3" })), ["os_3+0-0.efi -> os_3.efi"]);
});

test("going back to a version that has not been seen booting gives it its tries anew", () => {
  const plan = planned(["os_2.efi", "os_1+2-1.efi"], "1", { running: "2" });
  assert.deepEqual(inWords(plan), ["os_1+2-1.efi -> os_1+3-1.efi", "os_2.efi -> os_2+0-0.efi", "pass 2"]);
});

test("a version that has its tries anew already keeps its name (P7)", () => {
  for (const name of ["os_1+3-0.efi", "os_1+3-1.efi"])
    assert.deepEqual(inWords(planned(["os_2+0-0.efi", name], "1", { running: "2" })), []);
});

test("an entry of another system that comes first is not touched, and it is said", () => {
  const foreign = [sampleEntry("zz_other.efi")];
  assert.deepEqual(inWords(planned(["os_2.efi", "os_1.efi"], "1", { foreign })), ["stuck zz_other.efi"]);
  const behind = [sampleEntry("aa_other.efi")];
  assert.deepEqual(inWords(planned(["os_2.efi", "os_1.efi"], "1", { foreign: behind })), [
    "os_2.efi -> os_2+0-0.efi",
    "pass 2",
  ]);
});

test("an entry whose definition knows no counter cannot be passed over, and it is said", () => {
  const [root] = sampleTransfers();
  const plain = sampleTransfer("90-uki", { path: "/EFI/Linux", patterns: "os_@v.efi", target: "PathRelativeTo=boot" });
  assert.deepEqual(inWords(planned(["os_2.efi", "os_1.efi"], "1", { transfers: [root, plain] })), ["stuck os_2.efi"]);
});

const both = ["os_2.efi", "os_1.efi"];
const back = ["os_2.efi -> os_2+0-0.efi", "pass 2"];
const choices: readonly (readonly [
  sentence: string,
  loader: Partial<LoaderState>,
  wanted: string,
  words: readonly string[],
])[] = [
  [
    "a choice for one boot that points elsewhere is cleared",
    { choices: { oneShot: "os_2.efi" } },
    "1",
    [...back, "clear one-shot"],
  ],
  ["a choice for one boot of the wanted entry stays", { choices: { oneShot: "os_1.efi" } }, "1", back],
  ["a default that points elsewhere is cleared", { choices: { default: "os_2.efi" } }, "1", [...back, "clear default"]],
  [
    "a default that points at the wanted entry stays, and so does one at nothing",
    { choices: { default: "os_1.efi" } },
    "1",
    back,
  ],
  ["a default at nothing stays", { choices: { default: "os_7*" } }, "1", back],
  [
    "both are cleared where both point elsewhere",
    { choices: { default: "os_2.efi", oneShot: "os_2.efi" } },
    "1",
    [...back, "clear one-shot", "clear default"],
  ],
  [
    "going back to what the menu has first only the choices are in the way",
    { choices: { default: "os_1.efi" } },
    "2",
    ["clear default"],
  ],
];

for (const [sentence, loader, wanted, words] of choices)
  test(sentence, () => assert.deepEqual(inWords(planned(both, wanted, {}, loader)), words));

test("a default in loader.conf ends the plan: no name helps against it", () => {
  assert.deepEqual(inWords(planned(both, "1", {}, { config: { default: "os_2*" } })), back);
});
