import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSha256, parseVersion } from "../base/ids.ts";
import type { IndexedRelease } from "../format/release-files.ts";
import { planPrune, type PruneFacts } from "./plan-prune.ts";

const sha256 = parseSha256("ab".repeat(32));
const dayMs = 86_400_000;
const nowMs = 100 * dayMs;

function released(version: string, state: "offered" | "withdrawn" = "offered"): IndexedRelease {
  const file = { name: `os_${version}.erofs`, sizeBytes: 1, sha256 };
  return {
    version: parseVersion(version),
    state,
    name: `releases/${version}.json`,
    sizeBytes: 1,
    sha256,
    files: [file],
  };
}

const facts = (more: Partial<PruneFacts>): PruneFacts => ({
  releases: [released("1"), released("2")],
  keep: 1,
  present: ["releases/1.json", "releases/2.json", "chunks/a", "chunks/b", "chunks/c"],
  needs: (version) => new Set(version === "1" ? ["chunks/a", "chunks/b"] : ["chunks/b"]),
  staged: new Set(),
  since: {},
  nowMs,
  graceMs: 7 * dayMs,
  ...more,
});

test("what goes waits from now on, although nothing had named it for long before it was offered again", () => {
  const since = { "chunks/a": 80 * dayMs, "chunks/c": 80 * dayMs, "os_1.erofs": 80 * dayMs };
  const plan = planPrune(facts({ since }));
  assert.deepEqual(plan.dropped, ["1"]);
  assert.deepEqual(plan.remove, ["chunks/c"]);
  assert.deepEqual(plan.since, { "chunks/a": nowMs, "os_1.erofs": nowMs, "releases/1.json": nowMs });
});

test("what a withdrawn release has waits from the first prune on", () => {
  const releases = [released("2"), released("3", "withdrawn")];
  const present = ["chunks/a", "chunks/b", "releases/2.json", "releases/3.json"];
  const first = planPrune(facts({ releases, present }));
  assert.deepEqual(first.since, { "chunks/a": nowMs, "os_3.erofs": nowMs, "releases/3.json": nowMs });
  const later = planPrune(facts({ releases, present, since: first.since, nowMs: nowMs + 7 * dayMs }));
  assert.deepEqual(later.remove, ["chunks/a", "os_3.erofs", "releases/3.json"]);
  assert.deepEqual([later.dropped, later.releases], [[], releases]);
});

test("a clock that went back makes nothing old, and one that ran ahead nothing young for ever", () => {
  const since = { "chunks/c": nowMs + 50 * dayMs };
  assert.equal(planPrune(facts({ since })).since["chunks/c"], nowMs);
});
