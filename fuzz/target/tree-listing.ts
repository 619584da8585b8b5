// The canonical listing of a tree, which an archive or a folder turns into.
import { deepEqual } from "node:assert/strict";
import { formatTreeListing, parseTreeListing } from "../../src/format/tree-listing.ts";
import { decoded, type Target } from "../target.ts";

const listing = `. d 0755 0:0 -
dev/null c 0666 0:0 1:3
dev/sda b 0660 0:6 8:0
etc/a%20b f 0644 0:0 ${"ef".repeat(32)}
lib l 0777 0:0 usr/lib
run/pipe p 0600 0:0 -
run/socket s 0600 0:0 -
`;

export const target: Target = {
  name: "tree-listing",
  covers: ["src/format/tree-listing.ts"],
  seeds: () => [listing, ...listing.split("\n").map((line) => `${line}\n`)],
  run(bytes) {
    const items = decoded(() => parseTreeListing(bytes));
    if (items !== undefined) deepEqual(formatTreeListing(items), new Uint8Array(bytes));
  },
};
