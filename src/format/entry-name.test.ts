import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { countDown, type EntryName, formatEntryName, parseEntryName } from "./entry-name.ts";

const parsed = (fileName: string): EntryName => {
  const name = parseEntryName(fileName);
  assert.ok(name !== undefined, fileName);
  return name;
};

test("names and their counters", () => {
  for (const [fileName, id, left, done] of [
    ["os_5.efi", "os_5.efi", undefined, undefined],
    ["os_5+3.efi", "os_5.efi", 3, 0],
    ["os_5+3-0.efi", "os_5.efi", 3, 0],
    ["os_5+09-01.conf", "os_5.conf", 9, 1],
    ["os_5+1+2-0.efi", "os_5+1.efi", 2, 0],
    ["os_5+2-.efi", "os_5+2-.efi", undefined, undefined],
    ["os_5+2-0-1.efi", "os_5+2-0-1.efi", undefined, undefined],
    ["os_5+2x.efi", "os_5+2x.efi", undefined, undefined],
    ["OS+3-0.EFI", "OS.EFI", 3, 0],
    ["os+2147483647.efi", "os.efi", 2147483647, 0],
    ["os+2147483648.efi", "os+2147483648.efi", undefined, undefined],
  ] as const) {
    const name = parsed(fileName);
    assert.deepEqual([name.id, name.tries?.left, name.tries?.done], [id, left, done], fileName);
    assert.equal(formatEntryName(name), fileName);
  }
});

test("files that the loader does not show have no entry name", () => {
  for (const fileName of [
    "os.img",
    ".hidden.efi",
    "auto-osx.conf",
    "Auto-x.efi",
    "efi",
    "a/b.efi",
    `${"x".repeat(252)}.efi`,
    "",
  ])
    assert.equal(parseEntryName(fileName), undefined, fileName);
});

test("counting keeps the width of both counters, and stops at their ends", () => {
  for (const [before, after] of [
    ["os+3-0.efi", "os+2-1.efi"],
    ["os+3.efi", "os+2-1.efi"],
    ["os+10-00.efi", "os+09-01.efi"],
    ["os+1-9.efi", "os+0-9.efi"],
    ["os+0-3.efi", "os+0-4.efi"],
    ["os.efi", "os.efi"],
  ] as const)
    assert.equal(formatEntryName(countDown(parsed(before))), after);
});

test("every name that is parsed is written back the same", () => {
  const part = fc.constantFrom("os", "+", "-", "1", "00", "42", ".", "_", "99999999999");
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 8 }),
      fc.constantFrom(".efi", ".conf", ".EFI"),
      (parts, suffix) => {
        const fileName = parts.join("") + suffix;
        const name = parseEntryName(fileName);
        if (name === undefined) return;
        assert.equal(formatEntryName(name), fileName);
        const next = countDown(name);
        if (name.tries?.doneWidth !== undefined) assert.equal(formatEntryName(next).length, fileName.length);
        assert.deepEqual(parseEntryName(formatEntryName(next)), next);
      },
    ),
  );
});
