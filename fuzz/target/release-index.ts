// The index of a repository, inside of `holdfast.json`.
import { deepEqual } from "node:assert/strict";
import { formatReleaseIndex, parseReleaseIndex } from "../../src/format/release-files.ts";
import { decoded, type Target } from "../target.ts";

const sha256 = "cd".repeat(32);
const seed = {
  format: 1,
  serial: 7,
  created: "2026-07-01T12:00:00Z",
  expires: "2026-08-01T12:00:00Z",
  releases: [
    {
      version: "5",
      state: "offered",
      name: "releases/5.json",
      size: 900,
      sha256,
      files: [{ name: "os_5.erofs", size: 9, sha256 }],
    },
  ],
};

export const target: Target = {
  name: "release-index",
  covers: ["src/format/release-files.ts", "src/format/json-fields.ts"],
  seeds: () => [JSON.stringify(seed), JSON.stringify({ ...seed, releases: [] })],
  run(bytes) {
    const index = decoded(() => parseReleaseIndex(bytes));
    if (index !== undefined) deepEqual(parseReleaseIndex(formatReleaseIndex(index)), index);
  },
};
