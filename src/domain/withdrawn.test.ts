import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../base/ids.ts";
import { type SampleMachine, sampleSituation } from "./sample-situation.ts";
import { retreatOf, withdrawnHere } from "./withdrawn.ts";

const at = (machine: SampleMachine, ...versions: readonly string[]): Parameters<typeof retreatOf>[0] => ({
  ...sampleSituation(machine),
  catalog: { releases: [], withdrawn: new Set(versions.map(parseVersion)), manifests: [], checkedAtMs: 0 },
});

const tried = { version: "3", entry: "os_3+3-0.efi" } as const;
const good = [{ version: "2" }, { version: "1" }] as const;

test("what boots next on trial is left for the newest version that was found good", () => {
  assert.deepEqual(retreatOf(at({ versions: [tried, ...good], running: "2" }, "3")), { from: "3", to: "2" });
  assert.deepEqual(retreatOf(at({ versions: [tried, ...good], running: "1" }, "3", "2")), { from: "3", to: "1" });
});

test("it stays when it was found good, when it is not next, when it was not taken back, and when nothing else is good", () => {
  const stays: readonly (readonly [SampleMachine, string])[] = [
    [{ versions: [{ version: "3" }, ...good], running: "2" }, "3"],
    [{ versions: [{ version: "3", entry: "os_3+0-3.efi" }, ...good], running: "2" }, "3"],
    [{ versions: [tried, ...good], running: "2" }, "2"],
    [{ versions: [tried] }, "3"],
    [{ versions: [tried, { version: "2", image: "damaged" }] }, "3"],
  ];
  for (const [machine, version] of stays) assert.equal(retreatOf(at(machine, version)), undefined);
  assert.equal(retreatOf(sampleSituation({ versions: [tried, ...good] })), undefined);
});

test("of what was taken back, what is installed is told", () => {
  assert.deepEqual(withdrawnHere(at({ versions: [tried, ...good] }, "1", "3", "9")), ["3", "1"]);
});
