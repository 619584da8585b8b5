import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { countDown } from "../entry-count.ts";
import { sampleEntry } from "../sample-entry.ts";
import { givenBack, judgeBlessing, startsAgain } from "./blessing.ts";

test("a boot is marked good when its entry carries no counter, and no other name of it does", () => {
  const table: readonly (readonly [entries: readonly string[], id: string | undefined, expected: string])[] = [
    [["os_2.efi", "os_1.efi"], "os_2.efi", "blessed os_2.efi"],
    [["OS_2.efi"], "os_2.efi", "blessed OS_2.efi"],
    [["os_2+2-1.efi", "os_1.efi"], "os_2.efi", "still-counted os_2+2-1.efi"],
    [["os_2.efi", "os_2+2-1.efi"], "os_2.efi", "still-counted os_2+2-1.efi"],
    [["os_1.efi"], "os_2.efi", "gone"],
    [["os_1.efi"], undefined, "unknown-entry"],
  ];
  for (const [names, id, expected] of table) {
    const found = judgeBlessing(
      id,
      names.map((name) => sampleEntry(name)),
    );
    assert.equal("entry" in found ? `${found.kind} ${found.entry.fileName}` : found.kind, expected);
  }
});

test("a try that is given back has another name than any on the way down from the one before", () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ["os_2+2-1.efi", "os_2+3-1.efi"],
    ["os_2+0-3.efi", "os_2+1-3.efi"],
    ["os_2+2-9.efi", "os_2+3-0.efi"],
    ["os_2+09-01.efi", "os_2+10-01.efi"],
    // Never one digit more: on FAT the length of a name stays.
    ["os_2+9-1.efi", undefined],
    ["os_2+3-0.efi", undefined],
    ["os_2.efi", undefined],
  ];
  for (const [before, after] of table) assert.equal(givenBack(sampleEntry(before)), after, before);
});

test("counting down from what was given back never meets the name of before", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 9 }), (left, done) => {
      const before = `os_2+${left}-${done}.efi`;
      const after = givenBack(sampleEntry(before));
      assert.ok(after !== undefined && after !== before);
      let entry = sampleEntry(after);
      for (let boot = 0; boot <= left; boot++) {
        entry = countDown(entry);
        assert.notEqual(entry.fileName, before);
      }
    }),
  );
});

test("a bad boot starts the machine again while the loader has anything else to come to", () => {
  const table: readonly (readonly [booted: string, others: readonly string[], again: boolean])[] = [
    ["os_2+2-1.efi", [], true],
    ["os_2+0-3.efi", ["os_1.efi"], true],
    ["os_2+0-3.efi", ["os_1+1-2.efi"], true],
    ["os_2+0-3.efi", ["os_1+0-1.efi"], false],
    ["os_2+0-3.efi", [], false],
    ["os_2.efi", ["os_1.efi"], false],
  ];
  for (const [booted, others, again] of table) {
    const entries = [booted, ...others].map((name) => sampleEntry(name));
    assert.equal(startsAgain(entries[0], entries), again, `${booted} beside ${others.join()}`);
  }
});
