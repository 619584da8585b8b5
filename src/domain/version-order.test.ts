import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { compareVersions, newestFirst } from "./version-order.ts";

const chain = [
  "~1",
  "",
  "ab",
  "0001",
  "12",
  "122.9",
  "123~rc1",
  "123",
  "123-a",
  "123-3",
  "123^1",
  "123.a-1",
  "123.1-1",
  "123a-1",
  "124",
];

test("The chain of the specification holds for every pair", () => {
  for (const [i, older] of chain.entries()) {
    for (const [j, newer] of chain.entries()) {
      assert.equal(compareVersions(older, newer), Math.sign(i - j), `${older} against ${newer}`);
    }
  }
});

test("Versions that mean the same compare as equal", () => {
  const pairs = [
    ["00123", "123"],
    ["123_a", "123a"],
    ["1.0", "1.00"],
    ["", "_"],
    ["!!1", "1"],
  ] as const;
  for (const [a, b] of pairs) assert.equal(compareVersions(a, b), 0, `${a} against ${b}`);
});

test("Corner cases come out as systemd has them", () => {
  const older = [
    ["123", "123_0"],
    ["123..0", "123.0"],
    ["123-a", "123-1"],
    ["123", "123."],
    ["123~", "123~~"],
    ["1~", "1"],
    ["A", "a"],
    ["ab", "abc"],
    ["9", "10"],
    ["99999999999999999998", "99999999999999999999"],
    ["os_5", "os_5.1"],
    ["os_5.efi", "os_5.1.efi"],
    ["os_5-2.efi", "os_5.efi"],
    ["202603080612", "202603090000"],
  ] as const;
  for (const [a, b] of older) {
    assert.equal(compareVersions(a, b), -1, `${a} is older than ${b}`);
    assert.equal(compareVersions(b, a), 1, `${b} is newer than ${a}`);
  }
});

const text = fc.string({ unit: fc.constantFrom(..."~-^._+09123abZ"), maxLength: 8 });

test("The order is antisymmetric and transitive", () => {
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      assert.equal(compareVersions(a, b), 0 - compareVersions(b, a));
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0);
    }),
    { numRuns: 3000 },
  );
});

test("Newest first puts the newest first and keeps one order among equals", () => {
  assert.deepEqual(["1", "3", "01", "2~rc1", "2"].sort(newestFirst), ["3", "2", "2~rc1", "01", "1"]);
});

const systemd = spawnSync("systemd-analyze", ["compare-versions", "1", "2"]);
const skip = systemd.status === 12 ? false : "systemd-analyze compare-versions is not on this machine";

test("systemd-analyze compares in the same way", { skip }, () => {
  const known = [...chain, "123_0", "123..0", "123.0", "os_5.efi", "os_5-2.efi", "1~~", "1^1.2", "1-^.2", "+3"];
  const random = fc.sample(text, { numRuns: 12, seed: 4 });
  const texts = [...known, ...random];
  for (let index = 0; index < texts.length * 2; index++) {
    const [a, b] = [texts[index % texts.length] ?? "", texts[(index * 7 + 3) % texts.length] ?? ""];
    const ran = spawnSync("systemd-analyze", ["compare-versions", "--", a, b], { encoding: "utf8" });
    const theirs = ran.status === 0 ? 0 : ran.status === 11 ? 1 : ran.status === 12 ? -1 : undefined;
    assert.equal(compareVersions(a, b), theirs, `${JSON.stringify(a)} against ${JSON.stringify(b)}`);
  }
});
