import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseSha256, parseVersion, type Version } from "../base/ids.ts";
import type { IndexedRelease } from "../format/release-files.ts";
import { keptReleases, planPrune, type PruneFacts, type PrunePlan } from "./plan-prune.ts";

const sha256 = parseSha256("ab".repeat(32));
const dayMs = 86_400_000;

function release(text: string, state: "offered" | "withdrawn" = "offered"): IndexedRelease {
  const files = [{ name: `os_${text}.img`, sizeBytes: 1, sha256 }];
  return { version: parseVersion(text), state, name: `releases/${text}.json`, sizeBytes: 1, sha256, files };
}

/** Each release needs a chunk of its own and one that it shares with the release before. */
const needs = (version: Version): ReadonlySet<string> =>
  new Set([`chunks/${version}`, `chunks/${Number(version) - 1}+`, `chunks/${version}+`]);
const all = ["1", "2", "3"];
const present = all.flatMap((text) => [`releases/${text}.json`, `chunks/${text}`, `chunks/${text}+`]);

function plan(more: Partial<PruneFacts> = {}): PrunePlan {
  const releases = all.map((text) => release(text));
  return planPrune({
    releases,
    keep: 2,
    present,
    needs,
    staged: new Set(),
    since: {},
    nowMs: 100 * dayMs,
    graceMs: 0,
    ...more,
  });
}

test("the newest offered releases stay, and withdrawn ones that are newer than the oldest of these", () => {
  const releases = [release("1"), release("2", "withdrawn"), release("3"), release("4", "withdrawn"), release("10")];
  const kept = (keep: number): readonly string[] => keptReleases(releases, keep).map(({ version }) => version);
  assert.deepEqual(kept(1), ["10"]);
  assert.deepEqual(kept(2), ["3", "4", "10"]);
  assert.deepEqual(kept(5), ["1", "2", "3", "4", "10"]);
});

test("what an old release shares with one that stays is left", () => {
  const { dropped, remove } = plan();
  assert.deepEqual(dropped, ["1"]);
  assert.deepEqual(remove, ["chunks/1", "os_1.img", "releases/1.json"]);
});

test("what is staged is left too", () => {
  assert.deepEqual(plan({ staged: new Set(["chunks/1"]) }).remove, ["os_1.img", "releases/1.json"]);
});

test("nothing that a release that stays needs is ever removed", () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 9 }),
      (offered, keep) => {
        const releases = offered.map((is, at) => release(`${at + 1}`, is ? "offered" : "withdrawn"));
        const there = releases.flatMap(({ version, name }) => [name, ...needs(version)]);
        const { remove, releases: kept } = plan({ releases, keep, present: there });
        const stays = kept.filter(({ state }) => state === "offered");
        const needed = stays.flatMap(({ version, name, files }) => [
          name,
          ...needs(version),
          ...files.map((file) => file.name),
        ]);
        assert.deepEqual(
          remove.filter((path) => needed.includes(path)),
          [],
        );
        assert.equal(stays.length, Math.min(keep, offered.filter(Boolean).length));
      },
    ),
  );
});
