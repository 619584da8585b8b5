import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../base/fault.ts";
import type { DefinitionFile } from "./definition-files.ts";
import { simulationJunit } from "./junit-cases.ts";
import type { Simulation } from "./report.ts";
import { folder, hurried, image, images, simulateFiles, slots, transfer, trees, uki } from "./sample-own.fixture.ts";
import { nothingKnown } from "./shape.ts";

const told = ({ report }: Simulation): readonly (readonly [string, string])[] =>
  report.scenarios.map(({ name, result }) => [result, name]);
const codes = ({ report }: Simulation): readonly string[] =>
  report.findings.flatMap(({ severity, code }) => (code === "stopped-early" ? [] : [`${severity} ${code}`]));

test("images and UKIs keep every promise, and what boots after a power cut is told", async () => {
  const simulation = await simulateFiles(images);
  const { report } = simulation;
  assert.deepEqual(told(simulation), [
    ["held", "first install of 1"],
    ["held", "update from 1 to 2"],
    ["held", "rollback from 2 to 1"],
    ["held", "repair when 2 is in the menu without its image"],
    ["held", "update when 2 is in the menu without its image"],
  ]);
  assert.deepEqual(report.scenarios[1]?.boots, ["1", "2"]);
  assert.match(
    report.scenarios[1]?.sentence ?? "",
    /^After a power cut at any of \d+ moments \(\d+ disk states\) this machine boots 1 or 2, and the next run finishes\.$/,
  );
  assert.deepEqual([report.verdict, codes(simulation)], ["held", ["info initrd-waits"]]);
  assert.deepEqual(
    report.fallbacks.map(({ cause, initrd, comesBack }) => [cause, initrd, comesBack]),
    [
      ["panic", undefined, true],
      ["image-missing", "reboot", true],
      ["image-missing", "hang", false],
    ],
  );
  assert.deepEqual(
    report.transfers.map(({ transfer: id, role, target, sizeFrom }) => [id, role, target, sizeFrom]),
    [
      ["20-root", "image", "/system/os_@v.erofs", "assumed"],
      ["30-uki", "entry", "/efi/EFI/Linux/os_@v+@l-@d.efi", "assumed"],
    ],
  );
});

test("two slots with verity and compressed sources keep every promise, and the oldest version gives up its slot", async () => {
  const simulation = await simulateFiles(slots, { versions: ["1", "2", "3"], ...hurried(), seconds: 0.15 });
  assert.deepEqual(told(simulation), [
    ["held", "first install of 1"],
    ["held", "update from 1 to 2"],
    ["held", "update from 2 to 3, 1 goes"],
    ["held", "rollback from 2 to 1"],
    ["held", "repair when 2 is in the menu without its image"],
    ["held", "update when 2 is in the menu without its image"],
  ]);
  const before = simulation.report.room.filter(({ update }) => update === "2 to 3").map((line) => line.removedBefore);
  assert.deepEqual(before[0], ["Remove version 1 (to make room)"]);
});

test("a component without boot entries keeps every promise", async () => {
  const simulation = await simulateFiles(trees);
  assert.deepEqual(told(simulation), [
    ["held", "first install of 1"],
    ["held", "update from 1 to 2"],
  ]);
  assert.match(simulation.report.scenarios[1]?.sentence ?? "", /has each version whole or not at all/);
  assert.deepEqual([simulation.report.fallbacks, codes(simulation)], [[], []]);
});

test("the same seed explores the same", async () => {
  const [one, two] = [
    await simulateFiles(trees, { seed: 7, ...hurried() }),
    await simulateFiles(trees, { seed: 7, ...hurried() }),
  ];
  assert.deepEqual(one.report, two.report);
});

test("an ESP that is too small for two UKIs is found, with the numbers", async () => {
  const known = async (): Promise<typeof nothingKnown> => ({
    ...nothingKnown,
    sizes: new Map([["30-uki", { bytes: 300 * 2 ** 20, from: "given" as const }]]),
  });
  const simulation = await simulateFiles(images, { known, ...hurried() });
  assert.deepEqual(told(simulation)[1], ["not-possible", "update from 1 to 2"]);
  assert.equal(simulation.report.scenarios[1]?.sentence, "Cannot update to 2: /efi needs 301.0 MiB and has 208.0 MiB");
  assert.deepEqual([simulation.report.verdict, codes(simulation)[0]], ["held-with-findings", "error does-not-fit"]);
  assert.match(simulationJunit(simulation), /<failure message="The update 1 to 2 is refused on this disk\./);
});

test("one slot is too few", async () => {
  const known = async (): Promise<typeof nothingKnown> => ({
    ...nothingKnown,
    slots: new Map([["20-usr", { count: 1, sizeBytes: 2 ** 31, from: "given" as const }]]),
  });
  const simulation = await simulateFiles(slots, { known, ...hurried() });
  assert.deepEqual([simulation.report.verdict, codes(simulation)[0]], ["held-with-findings", "error does-not-fit"]);
});

test("an entry whose boots are not counted never falls back, and that is an error", async () => {
  const bare = { MatchPattern: "os_@v.efi", TriesLeft: "", TriesDone: "" };
  const simulation = await simulateFiles([image, uki("30-uki", { target: bare })], hurried());
  assert.deepEqual(told(simulation), [
    ["held", "first install of 1"],
    ["held", "update from 1 to 2"],
  ]);
  assert.ok(codes(simulation).includes("error no-fallback"));
  assert.equal(
    simulation.report.fallbacks[0]?.sentence,
    "the machine does not come back: 2 is tried again and again, for ever",
  );
});

test("an initrd that is known to hang is an error, one that is known to reboot is no finding", async () => {
  assert.deepEqual(codes(await simulateFiles(images, { initrd: "hang", ...hurried() })), ["error initrd-waits"]);
  assert.deepEqual(codes(await simulateFiles(images, { initrd: "reboot", ...hurried() })), []);
});

test("features are switched for the simulation", async () => {
  const files = [
    transfer(
      "10-x",
      { MatchPattern: "x_@v.raw" },
      { Type: "regular-file", Path: "/opt/x", InstancesMax: "2" },
      { Features: "x" },
    ),
    { path: `${folder}/x.feature`, text: "[Feature]\nEnabled=no\n" },
  ];
  await assert.rejects(simulateFiles(files), { code: "nothing-enabled", kind: "usage" });
  await assert.rejects(simulateFiles(files, { features: new Map([["y", true]]) }), {
    code: "unknown-feature",
    hint: "There are: x.",
  });
  const { report } = await simulateFiles(files, { features: new Map([["x", true]]), ...hurried() });
  assert.deepEqual([report.verdict, report.features], ["held", [{ feature: "x", enabled: true }]]);
});

const text = (of: string): readonly DefinitionFile[] => [{ path: `${folder}/a.transfer`, text: of }];
const refused: readonly (readonly [what: string, files: readonly DefinitionFile[], message: RegExp])[] = [
  [
    "no pattern",
    text("[Source]\nType=url-file\nPath=https://x.example/\n[Target]\nPath=/x\n"),
    /a\.transfer: \[Source\] has no MatchPattern=/,
  ],
  [
    "a pattern without @v",
    text("[Source]\nType=url-file\nPath=https://x.example/\nMatchPattern=x\n[Target]\nPath=/x\n"),
    /a\.transfer:4: .*no @v/,
  ],
  [
    "a target field that nothing fills",
    [transfer("a", { MatchPattern: "x_@v" }, { Type: "regular-file", Path: "/x", MatchPattern: "x_@v_@l" })],
    /there is no value for @l/,
  ],
  [
    "a folder that nobody can verify",
    [transfer("a", { Type: "directory", Path: "/srv", MatchPattern: "x_@v" }, { Type: "directory", Path: "/x" })],
    /carries no signature/,
  ],
];
for (const [what, files, message] of refused) {
  test(`definitions that no update would take are refused: ${what}`, async () => {
    await assert.rejects(simulateFiles(files), (error) => {
      assert.ok(error instanceof Fault && error.kind === "refused", String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}

test("versions that the definitions do not take are said", async () => {
  const files = [
    transfer(
      "a",
      { MatchPattern: "x_@v" },
      { Type: "regular-file", Path: "/opt/x", InstancesMax: "2" },
      { MinVersion: "24" },
    ),
  ];
  await assert.rejects(simulateFiles(files), { code: "version-not-taken", kind: "usage" });
  const { report } = await simulateFiles(files, { versions: undefined, ...hurried() });
  assert.deepEqual([report.verdict, report.versions], ["held", ["24.1", "24.2", "24.3"]]);
});
