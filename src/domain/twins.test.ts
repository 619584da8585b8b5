import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../base/ids.ts";
import type { GraphNode, Soundness } from "./boot-graph.ts";
import { sampleEntry } from "./sample-entry.ts";
import { surplusNames } from "./twins.ts";

function node(fileName: string, soundness: Soundness = "verified", ours = true): GraphNode {
  const entry = sampleEntry(fileName);
  const need = { transfer: "90-uki", role: "entry", what: entry.path, place: undefined, soundness } as const;
  return { entry, version: ours ? parseVersion("1") : undefined, needs: [need] };
}

const cases: readonly (readonly [string, readonly GraphNode[], readonly string[]])[] = [
  ["one name stays alone", [node("os_1.efi"), node("os_2+3-0.efi")], []],
  ["two that are whole both stay", [node("os_1+2-1.efi"), node("os_1.efi")], []],
  ["what is whole stays", [node("os_1.efi", "damaged"), node("os_1+3-0.efi")], ["os_1.efi"]],
  ["of none that is whole, both stay", [node("os_1.efi", "damaged"), node("os_1+3-0.efi", "missing")], []],
  ["the case of the letters does not matter", [node("OS_1.efi", "damaged"), node("os_1+3.efi")], ["OS_1.efi"]],
  ["another system's are left alone", [node("a.efi", "damaged", false), node("a+3.efi", "verified", false)], []],
];

for (const [what, nodes, gone] of cases) {
  test(`Of two names of one entry, ${what}`, () => {
    assert.deepEqual(
      surplusNames({ nodes }).map(({ fileName }) => fileName),
      gone,
    );
  });
}
