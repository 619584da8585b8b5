import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { parseSha256, parseUuid, parseVersion } from "../base/ids.ts";
import { formatPattern, matchPattern, matchPatterns, overlap, parsePattern, patternFields } from "./pattern.ts";

const version = (pattern: string, name: string): string | undefined =>
  matchPattern(parsePattern(pattern), name)?.version;

test("a pattern matches the whole name, never the beginning of a longer one", () => {
  assert.equal(version("os_@v.erofs", "os_5.erofs"), "5");
  assert.equal(version("os_@v.erofs", "os_5.erofs.caibx"), undefined);
  assert.equal(version("os_@v.erofs", "xos_5.erofs"), undefined);
});

test("names and the versions read from them", () => {
  for (const [pattern, name, expected] of [
    ["os_@v.efi", "os_1+2-0.efi", "1+2-0"],
    ["os_@v+@l-@d.efi", "os_7+3-0.efi", "7"],
    ["os_@v+@l-@d.efi", "os_7+09-1.efi", "7"],
    ["@v.efi", "1.efi.2.efi", undefined],
    ["@v/os.img", "4/os.img", "4"],
    ["@v/os.img", "../os.img", undefined],
    ["@v/os.img", "4", undefined],
    ["OS_@v", "os_1", undefined],
    ["os_@v", "os_", undefined],
    ["os_@v", "os_a b", undefined],
    ["**/os_@v.img", "a/b/os_3.img", "3"],
    ["**/os_@v.img", "os_3.img", "3"],
    ["a@@b_@v", "a@b_3", "3"],
    ["os_@v_@m", "os_1_775", "1"],
    ["os_@v_@m", "os_1_777", undefined],
    ["os_@v_@m", "os_1_4755", undefined],
    ["os_@v_@s", "os_1_18446744073709551615", undefined],
    ["os_@v_@a", "os_1_2", undefined],
  ] as const)
    assert.equal(version(pattern, name), expected, `${pattern} on ${name}`);
});

test("every wildcard has its value", () => {
  const digest = "ab".repeat(32);
  const pattern = parsePattern("@v_@u_@f_@a_@g_@r_@t_@m_@s_@d_@l_@h");
  const name = `1.2_0fc63daf84834772_x`;
  assert.equal(matchPattern(pattern, name), undefined);
  const full = `1.2_0fc63daf-8483-4772-8e79-3d69d8477de4_8000000000000000_1_0_yes_1700000000000000_644_4096_1_3_${digest.toUpperCase()}`;
  assert.deepEqual(matchPattern(pattern, full), {
    version: parseVersion("1.2"),
    partitionUuid: parseUuid("0fc63daf84834772 8e793d69d8477de4".replace(" ", "")),
    partitionFlags: 0x8000000000000000n,
    noAuto: true,
    growFileSystem: false,
    readOnly: true,
    mtimeUs: 1700000000000000n,
    mode: 0o644,
    sizeBytes: 4096,
    triesDone: 1,
    triesLeft: 3,
    sha256: parseSha256(digest),
  });
  assert.equal(patternFields(pattern).size, 12);
});

test("fields are written as systemd writes them", () => {
  const pattern = parsePattern("os_@v_@u_@f_@r_@m+@l-@d");
  const name = formatPattern(pattern, {
    version: parseVersion("9"),
    partitionUuid: parseUuid("0fc63daf-8483-4772-8e79-3d69d8477de4"),
    partitionFlags: 1n << 60n,
    readOnly: true,
    mode: 0o44,
    triesLeft: 3,
    triesDone: 0,
  });
  assert.equal(name, "os_9_0fc63daf848347728e793d69d8477de4_1000000000000000_1_044+3-0");
});

test("a name that would be read back as another version is not made", () => {
  const make = (pattern: string, text: string) => () =>
    formatPattern(parsePattern(pattern), { version: parseVersion(text), triesLeft: 3 });
  assert.throws(make("os_@v.efi", "1.efi.2"), { code: "pattern-ambiguous-name" });
  assert.throws(make("os_@v+@l.efi", "1+2"), { code: "pattern-ambiguous-name" });
  assert.throws(make("@v/os.efi", ".."), { code: "pattern-ambiguous-name" });
  assert.throws(make("os_@v_@m", "1"), { code: "pattern-missing-field" });
});

test("the first listed pattern that matches wins", () => {
  const patterns = ["os_@v+@l-@d.efi", "os_@v+@l.efi", "os_@v.efi"].map(parsePattern);
  assert.deepEqual(matchPatterns(patterns, "os_5+2.efi")?.fields, { version: parseVersion("5"), triesLeft: 2 });
  assert.equal(matchPatterns(patterns, "os_5+2.efi")?.index, 1);
  assert.equal(matchPatterns(patterns, "other"), undefined);
});

test("a pattern that breaks a rule is refused by name", () => {
  for (const [text, code] of [
    ["os.efi", "pattern-without-version"],
    ["", "pattern-without-version"],
    ["@v@u", "pattern-fields-touch"],
    ["@v_@v", "pattern-repeated-field"],
    ["@v_@x", "pattern-unknown-field"],
    ["@v_@", "pattern-trailing-at"],
    ["@v*", "pattern-bad-character"],
    ["@v\u00e9", "pattern-bad-character"],
    ["/@v", "pattern-not-relative"],
    ["../@v", "pattern-not-relative"],
    ["a//@v", "pattern-not-relative"],
    ["**/a/@v", "pattern-any-depth-path"],
    [`@v${"x".repeat(300)}`, "pattern-too-long"],
  ] as const)
    assert.throws(() => parsePattern(text), { code }, text);
});

test("overlap gives a shortest common name, or proves that there is none", () => {
  for (const [a, b, expected] of [
    ["os_@v.efi", "os_@v+@l-@d.efi", "os_0+0-0.efi"],
    ["os_@v.erofs", "os_@v.erofs.caibx", undefined],
    ["os_@v.erofs", "os_@v.efi", undefined],
    ["os_@v", "os_@v_verity", "os_0_verity"],
    ["a_@v", "b_@v", undefined],
    ["@v_root", "x_@v", "x_root"],
    ["@v.a", "@v.b", undefined],
    ["@v/a", "@v/b", undefined],
    ["@v/a", "x@v/a", "x0/a"],
    ["**/os_@v", "dir/os_@v", "dir/os_0"],
    ["**/os_@v", "os_@v", "os_0"],
    ["**/os_@v", "dir/od_@v", undefined],
    ["@v_@m", "@v_777", undefined],
    ["@v.@h", "@v.@u", undefined],
    ["@v.x", "1.x.@v", undefined],
    ["@v..", "@v.", undefined],
  ] as const) {
    const found = overlap(parsePattern(a), parsePattern(b));
    assert.equal(found, expected, `${a} and ${b}`);
    assert.equal(overlap(parsePattern(b), parsePattern(a))?.length, expected?.length);
  }
});

const patternText = fc
  .array(fc.constantFrom("a", "b", "aab", "ab", "1", ".", "-", "/", "@v", "@l", "@m", "@r", "@f"), {
    minLength: 1,
    maxLength: 7,
  })
  .map((parts) => parts.join(""));
const patterns = patternText.filter((text) => {
  try {
    parsePattern(text);
    return true;
  } catch {
    return false;
  }
});

test("a witness of overlap matches both patterns, and what both match is never called disjoint", () => {
  fc.assert(
    fc.property(patterns, patterns, fc.stringMatching(/^[ab1./-]{1,9}$/), (a, b, name) => {
      const left = parsePattern(a);
      const right = parsePattern(b);
      const witness = overlap(left, right);
      if (witness === undefined) assert.ok(!(matchPattern(left, name) && matchPattern(right, name)));
      else assert.ok(matchPattern(left, witness) && matchPattern(right, witness), `${a} ${b} ${witness}`);
      if (matchPattern(left, name)) assert.ok(overlap(left, left) !== undefined);
    }),
    { numRuns: 1000 },
  );
});

test("a name made from a pattern is read back as the same fields", () => {
  fc.assert(
    fc.property(patterns, fc.stringMatching(/^[0-9a-z.~^_+-]{1,8}$/), fc.nat(), (text, name, count) => {
      const pattern = parsePattern(text);
      const fields = { version: parseVersion(name), triesLeft: count, mode: 0o644, readOnly: true, partitionFlags: 5n };
      try {
        const made = formatPattern(pattern, fields);
        const read = matchPattern(pattern, made);
        assert.equal(read?.version, fields.version);
      } catch (error) {
        assert.ok(error instanceof Fault);
      }
    }),
  );
});

test("any text is a pattern or a Fault, and matching any name never throws", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (text, name) => {
      matchPattern(parsePattern("os_@v.efi"), name);
      try {
        matchPattern(parsePattern(text), name);
      } catch (error) {
        assert.ok(error instanceof Fault);
      }
    }),
  );
});
