import assert from "node:assert/strict";
import { test } from "node:test";
import { commandLineWords, verityPartitions } from "./verity.ts";

const first = "0123456789abcdef0123456789abcdef";
const last = "fedcba9876543210fedcba9876543210";
const [firstUuid, lastUuid] = ["01234567-89ab-cdef-0123-456789abcdef", "fedcba98-7654-3210-fedc-ba9876543210"];

test("A verity hash names its two partitions by half each", () => {
  const rows: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    [
      `quiet roothash=${first}${last} rw`,
      [
        ["root", firstUuid],
        ["root-verity", lastUuid],
      ],
    ],
    [
      `usrhash=${first.toUpperCase()}${last}`,
      [
        ["usr", firstUuid],
        ["usr-verity", lastUuid],
      ],
    ],
    [
      `"usrhash=${first}${last}"`,
      [
        ["usr", firstUuid],
        ["usr-verity", lastUuid],
      ],
    ],
    [
      `roothash=${last}${first} roothash=${first}${last}`,
      [
        ["root", firstUuid],
        ["root-verity", lastUuid],
      ],
    ],
    [`roothash=${first}${last} systemd.verity_root_data=/dev/sda3`, [["root-verity", lastUuid]]],
    ["root=/dev/sda2 quiet", []],
    ["roothash=", []],
    ["roothash=zz", []],
    [`xroothash=${first}${last}`, []],
    ["", []],
  ];
  for (const [line, expected] of rows) {
    assert.deepEqual(
      verityPartitions(line).map(({ what, uuid }) => [what, uuid]),
      expected,
      line,
    );
  }
});

test("Quotes keep blanks together", () => {
  assert.deepEqual(commandLineWords(' a="b c"  d "e f" " '), ["a=b c", "d", "e f"]);
});
