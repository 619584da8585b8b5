import assert from "node:assert/strict";
import { test } from "node:test";
import type { SuggestKind } from "../format/suggestion.ts";
import { judgeSuggestion, type SuggestFacts } from "./suggest.ts";

const facts: SuggestFacts = {
  architecture: "x86-64",
  hostName: "Box.example.org",
  ids: ["6f2c9a3b7d4e41c0a5b8e1f0d2c3b4a5"],
  kernelRelease: "6.12.3-amd64",
  kernelCommandLine: "quiet root=/dev/vda2 panic=1\n",
  isUefi: true,
  hasDeviceTree: false,
  osRelease: new Map([
    ["ID", "demo"],
    ["VERSION_ID", "24.3"],
  ]),
  machineTags: ["kiosk", "role=web"],
  smbios: new Map([["bios_version", "1.10"]]),
};

function judge(kind: SuggestKind, argument: string, negated = false): string {
  const conditions = [{ kind, argument, negated, alternative: false }];
  const suggested = judgeSuggestion({ always: undefined, conditions }, facts);
  return suggested.kind === "unknown" ? suggested.why : suggested.kind;
}

test("each condition is held against the machine as systemd does it", () => {
  const cases: readonly (readonly [SuggestKind, string, string])[] = [
    ["Architecture", "x86-64", "yes"],
    ["Architecture", "native", "yes"],
    ["Architecture", "arm64", "no"],
    ["Firmware", "uefi", "yes"],
    ["Firmware", "device-tree", "no"],
    ["Firmware", "smbios-field(bios_version >= 1.9)", "yes"],
    ["Firmware", "smbios-field(bios_version $= 2.*)", "no"],
    ["Firmware", "smbios-field(no_such = x)", "no"],
    ["Firmware", "smbios-field(malformed)", "Invalid argument"],
    ["Firmware", "coreboot", "Invalid argument"],
    ["Host", "box.*.org", "yes"],
    ["Host", "[!b]ox*", "no"],
    ["Host", "6f2c9a3b-7d4e-41c0-a5b8-e1f0d2c3b4a5", "yes"],
    ["Host", "00000000000000000000000000000000", "no"],
    ["KernelCommandLine", "root", "yes"],
    ["KernelCommandLine", "panic=1", "yes"],
    ["KernelCommandLine", "panic=2", "no"],
    ["Version", ">=6.9", "yes"],
    ["Version", "kernel <6.12", "no"],
    ["Version", "systemd >250", "Not supported"],
    ["OSRelease", "ID=demo VERSION_ID>=24.2", "yes"],
    ["OSRelease", "NAME=x", "no"],
    ["OSRelease", "oops", "Invalid argument"],
    ["MachineTag", "role=*", "yes"],
    ["MachineTag", "kios", "no"],
    ["Security", "tpm2", "Not supported"],
  ];
  for (const [kind, argument, expected] of cases) assert.equal(judge(kind, argument), expected, `${kind} ${argument}`);
});

test("a condition that is negated is turned round, one that cannot be told is not", () => {
  assert.equal(judge("MachineTag", "kiosk", true), "no");
  assert.equal(judge("Fraction", "30%", true), "Not supported");
});

test("Suggest= decides without the conditions, and nothing said is no", () => {
  const conditions = [{ kind: "Security", argument: "tpm2", negated: false, alternative: false }] as const;
  assert.deepEqual(judgeSuggestion({ always: true, conditions }, facts), { kind: "yes" });
  assert.deepEqual(judgeSuggestion({ always: undefined, conditions: [] }, facts), { kind: "no" });
});

test("all conditions have to hold, and one of the alternatives", () => {
  const tag = (argument: string, alternative: boolean): object => ({
    kind: "MachineTag",
    argument,
    negated: false,
    alternative,
  });
  const cases: readonly (readonly [readonly object[], string])[] = [
    [[tag("kiosk", false), tag("none", false)], "no"],
    [[tag("kiosk", true), tag("none", true)], "yes"],
    [[tag("kiosk", false), tag("none", true)], "no"],
  ];
  for (const [conditions, expected] of cases)
    assert.equal(judgeSuggestion({ always: undefined, conditions: conditions as never }, facts).kind, expected);
});

test("a set whose range runs backwards matches nothing, and stops nothing", () => {
  assert.equal(judge("Host", "[z-a]"), "no");
  assert.equal(judge("MachineTag", "ki[z-a]sk"), "no");
});
