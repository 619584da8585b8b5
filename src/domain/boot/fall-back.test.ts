import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseVersion } from "../../base/ids.ts";
import type { FailureLine } from "../../format/failures-file.ts";
import { sampleEntry } from "../sample-entry.ts";
import type { BootSeen, TrialSeen } from "./boot-record.ts";
import { type FallBackFacts, givenUp, trialsAfter } from "./fall-back.ts";

const own = (...names: readonly string[]): FallBackFacts["entries"] =>
  names.map((name) => ({ version: parseVersion(/os_([0-9]+)/.exec(name)?.[1] ?? ""), entry: sampleEntry(name) }));

const facts = (changes: Partial<FallBackFacts> & Pick<FallBackFacts, "entries">): FallBackFacts => ({
  running: parseVersion("1"),
  quarantined: new Set(),
  trials: [],
  boots: [],
  failures: [],
  panics: [],
  ...changes,
});

const seen = (version: string, changes: Partial<BootSeen> = {}): BootSeen => ({
  bootId: `b${version}`,
  atMs: 1,
  version: parseVersion(version),
  counted: true,
  ...changes,
});
const bad = (name: string): Partial<BootSeen> => ({ verdict: "bad", failed: [{ name, text: "exit code 1" }] });
const noted = (version: string, exhausted: number, open = false): TrialSeen => ({
  version: parseVersion(version),
  exhausted,
  open,
  atMs: 1,
});
const line = (entryId: string, code: FailureLine["code"]): FailureLine => ({
  seconds: 1,
  kind: "failed",
  entryId,
  code,
  text: "so it said",
});

describe("a version whose tries are used up", () => {
  const spent = own("os_1.efi", "os_2+0-3.efi");
  const table: readonly (readonly [what: string, Partial<FallBackFacts>, expected: string])[] = [
    ["nothing tells why", {}, "2 unproven none"],
    ["nothing tells why, twice", { trials: [noted("2", 1, true)] }, "2 quarantined unproven-twice"],
    ["a check failed", { boots: [seen("2", bad("10-site.sh")), seen("1", bad("other"))] }, "2 quarantined check"],
    ["its boots were given back only", { boots: [seen("2", { verdict: "given-back" })] }, "2 unproven none"],
    ["the initrd said so", { failures: [line("os_2.efi", "image-damaged")] }, "2 quarantined image-damaged"],
    ["the initrd said so of another", { failures: [line("os_1.efi", "other")] }, "2 unproven none"],
    [
      "its kernel panicked",
      { panics: [{ name: "dmesg", text: "<0>Kernel panic - not syncing: VFS" }] },
      "2 quarantined panic",
    ],
    [
      "another's kernel panicked",
      { panics: [{ name: "dmesg", text: "holdfast: this is the start of os_1.efi\nKernel panic - not syncing" }] },
      "2 unproven none",
    ],
    ["its disk came late", { failures: [line("os_2.efi", "disk-missing")] }, "2 unproven none"],
    ["the initrd counted its panics", { failures: [line("os_2.efi", "panic")] }, "2 quarantined panic"],
    ["a crash report without a panic", { panics: [{ name: "dmesg", text: "all is well" }] }, "2 unproven none"],
    ["it was noted", { trials: [noted("2", 1)] }, ""],
    ["it is in quarantine", { quarantined: new Set([parseVersion("2")]) }, ""],
    ["it runs", { running: parseVersion("2") }, ""],
  ];
  for (const [what, changes, expected] of table) {
    test(`where ${what}: ${expected === "" ? "nothing new" : expected}`, () => {
      const found = givenUp(facts({ entries: spent, ...changes }));
      assert.equal(found.map(({ version, verdict, evidence }) => `${version} ${verdict} ${evidence}`).join(), expected);
    });
  }

  test("is none where it was never started, or has another name with tries left", () => {
    assert.deepEqual(givenUp(facts({ entries: own("os_1.efi", "os_2+0-0.efi") })), []);
    assert.deepEqual(givenUp(facts({ entries: own("os_1.efi", "os_2+0-3.efi", "os_2+1-2.efi") })), []);
  });

  test("says which check it was, and what was found", () => {
    const [found] = givenUp(
      facts({ entries: spent, boots: [seen("2", bad("10-site.sh"))], failures: [line("os_2.efi", "other")] }),
    );
    assert.equal(found?.text, "it failed the check 10-site.sh");
    assert.deepEqual(found.details, ["10-site.sh: exit code 1", "initrd: other: so it said"]);
  });

  test("of two, a crash report is of the one it names", () => {
    const found = givenUp(
      facts({
        entries: own("os_1.efi", "os_2+0-3.efi", "os_3+0-3.efi"),
        panics: [{ name: "dmesg", text: "<13>[ 3.1] holdfast: this is the start of OS_2.efi\nKernel panic - x" }],
      }),
    );
    assert.deepEqual(
      found.map(({ version, evidence }) => `${version} ${evidence}`),
      ["3 none", "2 panic"],
    );
  });

  test("of two, a crash report that names none is of the newer one", () => {
    const found = givenUp(
      facts({
        entries: own("os_1.efi", "os_2+0-3.efi", "os_3+0-3.efi"),
        panics: [{ name: "dmesg", text: "Kernel panic - not syncing" }],
      }),
    );
    assert.deepEqual(
      found.map(({ version, evidence }) => `${version} ${evidence}`),
      ["3 panic", "2 none"],
    );
  });
});

describe("what is known of trials", () => {
  test("is open again once a version has its tries, and over once it was found good or is gone", () => {
    const trials = [noted("2", 1), noted("3", 1), noted("4", 1), noted("5", 0)];
    const after = trialsAfter({ entries: own("os_2+3-1.efi", "os_3.efi", "os_5+0-3.efi"), trials }, [], 9);
    assert.deepEqual(
      after.map(({ version, exhausted, open }) => `${version} ${exhausted} ${open ? "open" : "noted"}`),
      ["2 1 open", "5 0 noted"],
    );
  });

  test("counts rounds without evidence", () => {
    const entries = own("os_1.efi", "os_2+0-3.efi");
    const found = givenUp(facts({ entries }));
    assert.deepEqual(trialsAfter({ entries, trials: [] }, found, 9), [{ ...noted("2", 1), atMs: 9 }]);
  });
});
