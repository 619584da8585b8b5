import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { parseSha256 } from "../base/ids.ts";
import { formatTreeListing, parseTreeListing, type TreeItem } from "./tree-listing.ts";

const digest = parseSha256("a".repeat(64));
const owner = { mode: 0o755, uid: 0, gid: 0 };
const text = (items: readonly TreeItem[]): string => new TextDecoder().decode(formatTreeListing(items));

test("a tree has one listing, sorted by the bytes of its paths", () => {
  const items: TreeItem[] = [
    { path: "usr/lib64", kind: "symlink", target: "lib 64", mode: 0, uid: 0, gid: 0 },
    { path: "usr", kind: "folder", ...owner },
    { path: "dev/null", kind: "character-device", major: 1, minor: 3, mode: 0o666, uid: 0, gid: 0 },
    { path: "usr/100%\n", kind: "file", sha256: digest, mode: 0o4644, uid: 1000, gid: 4294967295 },
    { path: "\u{10000}", kind: "fifo", ...owner },
    { path: "\uffff", kind: "socket", ...owner },
    { path: ".", kind: "folder", ...owner },
  ];
  const expected = `. d 0755 0:0 -
dev/null c 0666 0:0 1:3
usr d 0755 0:0 -
usr/100%25%0A f 4644 1000:4294967295 ${digest}
usr/lib64 l 0777 0:0 lib%2064
%EF%BF%BF s 0755 0:0 -
%F0%90%80%80 p 0755 0:0 -
`;
  assert.equal(text(items), expected);
  assert.equal(text(items.toReversed()), expected);
});

test("what is no tree has no listing", () => {
  const folder = { kind: "folder", ...owner } as const;
  for (const items of [
    [
      { path: "a", ...folder },
      { path: "a", ...folder },
    ],
    [{ path: "", ...folder }],
    [{ path: "a\0", ...folder }],
    [{ path: "\ud800", ...folder }],
    [{ path: "a", ...folder, mode: 0o10000 }],
    [{ path: "a", ...folder, uid: -1 }],
  ])
    assert.throws(() => formatTreeListing(items), { code: "tree-listing-damaged" });
});

test("bytes that are not the canonical listing are refused", () => {
  for (const listing of [
    "a d 0755 0:0 -",
    "b d 0755 0:0 -\na d 0755 0:0 -\n",
    "a d 0755 0:0 -\na d 0755 0:0 -\n",
    "%61 d 0755 0:0 -\n",
    "a d 0755 00:0 -\n",
    "a d 0755 0:0 x\n",
    "a x 0755 0:0 -\n",
    "a f 0755 0:0 abc\n",
    "a l 0755 0:0 b\n",
    "a c 0755 0:0 1\n",
    "a%00 d 0755 0:0 -\n",
    "a%FF d 0755 0:0 -\n",
    "\n",
  ])
    assert.throws(() => parseTreeListing(new TextEncoder().encode(listing)), { code: "tree-listing-damaged" }, listing);
  assert.deepEqual(parseTreeListing(new Uint8Array(0)), []);
});

const common = {
  path: fc.string({ unit: "grapheme", minLength: 1 }),
  mode: fc.nat(0o7777),
  uid: fc.nat(),
  gid: fc.nat(),
};
const item: fc.Arbitrary<TreeItem> = fc.oneof(
  fc.record({ ...common, kind: fc.constant("file" as const), sha256: fc.constant(digest) }),
  fc.record({ ...common, kind: fc.constantFrom("folder" as const, "fifo" as const, "socket" as const) }),
  fc.record({
    ...common,
    mode: fc.constant(0o777),
    kind: fc.constant("symlink" as const),
    target: fc.string({ minLength: 1 }),
  }),
  fc.record({ ...common, kind: fc.constantFrom("block-device" as const), major: fc.nat(), minor: fc.nat() }),
);

test("a listing that is read is the one that was written", () => {
  fc.assert(
    fc.property(fc.uniqueArray(item, { selector: ({ path }) => path }), (items) => {
      let listing: Uint8Array;
      try {
        listing = formatTreeListing(items);
      } catch (error) {
        assert.ok(error instanceof Fault);
        return;
      }
      const read = parseTreeListing(listing);
      assert.deepEqual(formatTreeListing(read), listing);
      assert.deepEqual(new Set(read.map(({ path }) => path)), new Set(items.map(({ path }) => path)));
    }),
  );
});

test("any bytes are a listing or a Fault", () => {
  const parts = fc
    .array(fc.constantFrom("a", " ", "d", "0755", "0:0", "-", "\n", "%41", digest))
    .map((list) => new TextEncoder().encode(list.join("")));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), parts), (bytes) => {
      try {
        parseTreeListing(bytes);
      } catch (error) {
        assert.ok(error instanceof Fault);
      }
    }),
  );
});
