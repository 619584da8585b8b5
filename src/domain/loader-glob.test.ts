import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesLoaderPattern } from "./loader-glob.ts";

test("Patterns match ids as systemd-boot matches them", () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ["os_2.efi", "os_2.efi", true],
    ["OS_2.EFI", "os_2.efi", true],
    ["os_2", "os_2.efi", false],
    ["os_*", "os_2.efi", true],
    ["*", "", true],
    ["*", "x", true],
    ["**.efi", "os.efi", true],
    ["", "", true],
    ["", "a", false],
    ["os_?.efi", "os_2.efi", true],
    ["os_?.efi", "os_.efi", false],
    ["os_[1-3].efi", "os_2.efi", true],
    ["os_[1-3].efi", "os_4.efi", false],
    ["[]a]", "]", true],
    ["[a-]", "-", true],
    ["[-a]", "-", true],
    ["[a-c-f]", "e", false],
    ["[a-c-f]", "-", true],
    ["[a-c-f]", "f", true],
    ["[!a]", "b", false],
    ["[!a]", "!", true],
    ["[\\]x]", "]", true],
    ["[ab", "a", false],
    ["a\\*", "a*", true],
    ["a\\*", "ab", false],
    ["a\\", "a\\", false],
    ["*a*b*c", "xaxbxc", true],
    ["*a*b*c", "xaxbx", false],
    ["*.efi", "os.efi.efi", true],
  ];
  for (const [pattern, id, matches] of rows) {
    assert.equal(matchesLoaderPattern(pattern, id), matches, `${pattern} against ${id}`);
  }
});

test("A pattern of many stars takes no exponential time", () => {
  assert.equal(matchesLoaderPattern(`${"*a".repeat(200)}b`, "a".repeat(4000)), false);
});
