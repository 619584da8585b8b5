import assert from "node:assert/strict";
import { test } from "node:test";
import type { Leftover, Offer } from "../../domain/resource.ts";
import { sampleTransfer } from "../../domain/sample-transfer.ts";
import type { Situation } from "../../domain/situation.ts";
import { stagedVersions } from "./staged.ts";

const image = sampleTransfer("root", { patterns: "os_@v.img", path: "/images" });
const slot = sampleTransfer("usr", {
  patterns: "usr_@v",
  path: "/dev/vda",
  target: "MatchPartitionType=usr",
});
const sha256 = "a".repeat(16) + "b".repeat(48);

function leftover(parts: Partial<Leftover>): Leftover {
  return {
    by: "sysupdate",
    place: { kind: "file", path: "/images/.x" },
    digestPrefix: undefined,
    name: undefined,
    transfer: "root",
    sizeBytes: 10,
    takenBytes: 0,
    ...parts,
  };
}

const ours = leftover({
  by: "holdfast",
  place: { kind: "file", path: `/images/.holdfast-${"a".repeat(16)}` },
  digestPrefix: "a".repeat(16),
});
const inSlot = leftover({
  place: { kind: "partition", device: "/dev/vda", number: 2, sizeBytes: 100 },
  name: "usr_2",
  stage: "pending",
  transfer: "usr",
});

function staged(leftovers: readonly Leftover[], sizeBytes = 10): readonly (readonly [string, string])[] {
  const offers = [
    { transfer: "root", version: "2", sha256, sizeBytes },
    { transfer: "usr", version: "2", sha256: "c".repeat(64), sizeBytes: 50 },
  ] as unknown as readonly Offer[];
  const situation = {
    transfers: [image, slot],
    catalog: { releases: [{ version: "2", offers, missing: [] }] },
    inventory: { instances: [], leftovers, slots: [] },
  } as unknown as Situation;
  return [...stagedVersions(situation)];
}

test("systemd's temporary names and half-written partitions tell their version", () => {
  assert.deepEqual(staged([leftover({ name: "os_3.img", stage: "partial" })]), [["3", "partial"]]);
  assert.deepEqual(staged([leftover({ name: "other_3.img", stage: "partial" })]), []);
  assert.deepEqual(staged([{ ...inSlot, stage: "partial" }]), [["2", "partial"]]);
});

test("a file of ours belongs to the version whose digest it is to have", () => {
  assert.deepEqual(staged([ours]), [["2", "partial"]]);
  assert.deepEqual(staged([{ ...ours, place: { kind: "file", path: `/images/.holdfast-${"9".repeat(16)}` } }]), []);
});

test("a version of which everything is here waits for its installation", () => {
  assert.deepEqual(staged([ours, inSlot]), [["2", "pending"]]);
  assert.deepEqual(staged([ours, inSlot], 11), [["2", "partial"]]);
});
