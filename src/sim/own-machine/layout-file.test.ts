import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fault } from "../../base/fault.ts";
import { parseByteSize } from "./byte-size.ts";
import { parseLayout } from "./layout-file.ts";

test("a layout names file systems, slots and sizes", () => {
  const text = JSON.stringify({
    fileSystems: [
      { mountPoint: "/", type: "xfs", size: "20G", free: "8G" },
      { mountPoint: "/efi", type: "vfat", size: 536870912 },
    ],
    slots: [{ transfer: "20-usr", count: 2, size: "2G" }],
    sizes: { "20-usr": "1.5G" },
  });
  assert.deepEqual(parseLayout("machine.json", text), {
    volumes: [
      { mountPoint: "/", type: "ext4", sizeBytes: 20 * 2 ** 30, roomBytes: 8 * 2 ** 30, from: "given" },
      { mountPoint: "/efi", type: "vfat", sizeBytes: 2 ** 29, roomBytes: 2 ** 29, from: "given" },
    ],
    slots: new Map([["20-usr", { count: 2, sizeBytes: 2 ** 31, from: "given" }]]),
    sizes: new Map([["20-usr", { bytes: 1.5 * 2 ** 30, from: "given" }]]),
  });
});

const wrong: readonly (readonly [text: string, state: string])[] = [
  ["{", "it is not JSON"],
  ["[]", "it is no object"],
  ['{"filesystems":[]}', 'it has an unknown field "filesystems"'],
  ['{"fileSystems":{}}', "fileSystems is no list of at most 200"],
  ['{"fileSystems":[{"mountPoint":"/efi","size":"512M"}]}', "fileSystems[0] has no type"],
  [
    '{"fileSystems":[{"mountPoint":"efi","type":"vfat","size":"1G"}]}',
    "fileSystems[0].mountPoint is no plain absolute path",
  ],
  [
    '{"fileSystems":[{"mountPoint":"/../x","type":"vfat","size":"1G"}]}',
    "fileSystems[0].mountPoint is no plain absolute path",
  ],
  ['{"fileSystems":[{"mountPoint":"/","type":"ext4","size":"big"}]}', 'fileSystems[0].size is no size such as "512M"'],
  [
    '{"fileSystems":[{"mountPoint":"/","type":"ext4","size":"1G","free":"2G"}]}',
    "fileSystems[0].free is more than its size",
  ],
  ['{"slots":[{"transfer":"a","count":0,"size":"1G"}]}', "slots[0].count is no number from 1 to 64"],
  ['{"sizes":{"a":-1}}', 'sizes.a is no size such as "512M"'],
];
for (const [text, state] of wrong) {
  test(`what is wrong with a layout is said: ${state}`, () => {
    assert.throws(
      () => parseLayout("machine.json", text),
      (error) =>
        error instanceof Fault &&
        error.kind === "usage" &&
        error.message === `Cannot use the layout machine.json: ${state}`,
    );
  });
}

test("any text is a layout or a Fault of usage", () => {
  const values = fc.oneof(
    fc.string(),
    fc.json(),
    fc.jsonValue().map((value) => JSON.stringify({ fileSystems: [value], sizes: value })),
  );
  fc.assert(
    fc.property(values, (text) => {
      try {
        parseLayout("x", text);
      } catch (error) {
        assert.ok(error instanceof Fault && error.kind === "usage");
      }
    }),
  );
});

test("sizes are read as people write them", () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ["4096", 4096],
    ["1K", 1024],
    ["1.5M", 1.5 * 2 ** 20],
    ["80MiB", 80 * 2 ** 20],
    ["2 gb", 2 ** 31],
    ["1T", 2 ** 40],
    ["0", undefined],
    ["", undefined],
    ["-1", undefined],
    ["9999999T", undefined],
  ];
  for (const [text, bytes] of cases) assert.equal(parseByteSize(text), bytes, text);
});
