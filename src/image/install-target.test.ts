import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../base/fault.ts";
import { toBytes } from "../base/text.ts";
import { isBlankStart, judgeTarget, type TargetFacts, type TargetWish, unfinishedMark } from "./install-target.ts";

const empty: TargetFacts = {
  name: "/dev/sdb",
  kind: "disk",
  sizeBytes: 1 << 30,
  readOnly: false,
  uses: [],
  signatures: [],
  blank: true,
};

const judge = (facts: Partial<TargetFacts>, wish: Partial<TargetWish> = {}): string | number => {
  try {
    return judgeTarget({ ...empty, ...facts }, { wipe: false, ...wish });
  } catch (error) {
    assert.ok(error instanceof Fault);
    return `${error.code} ${error.kind}: ${error.message}`;
  }
};

test("an empty disk is taken as large as it is, a new file as large as was asked", () => {
  assert.equal(judge({}), 1 << 30);
  assert.equal(judge({}, { sizeBytes: 1 << 30 }), 1 << 30);
  assert.equal(judge({ kind: "new-file", sizeBytes: 0 }, { sizeBytes: 5000 }), 5000);
  assert.equal(judge({ kind: "file", sizeBytes: 0 }, { sizeBytes: 5000 }), 5000);
});

test("what holds anything is refused, unless it may be wiped", () => {
  const full = { signatures: ["gpt", "vfat"], blank: false };
  assert.equal(judge(full), "disk-not-empty refused: Cannot install on /dev/sdb: it is not empty, it has gpt, vfat");
  assert.equal(
    judge({ blank: false }),
    "disk-not-empty refused: Cannot install on /dev/sdb: it is not empty, it begins or ends with data of an unknown kind",
  );
  assert.equal(judge(full, { wipe: true }), 1 << 30);
});

test("a disk in use is refused, also with --wipe", () => {
  const said = "disk-in-use refused: Cannot install on /dev/sdb: it is in use (/dev/sdb1 is mounted on /mnt)";
  assert.equal(judge({ uses: ["/dev/sdb1 is mounted on /mnt"] }), said);
  assert.equal(judge({ uses: ["/dev/sdb1 is mounted on /mnt"] }, { wipe: true }), said);
});

test("what is no whole disk that can be written is refused", () => {
  const about = "Cannot install on /dev/sdb";
  assert.equal(judge({ kind: "other" }), `not-a-disk usage: ${about}: it is neither a disk nor a file`);
  assert.equal(
    judge({ kind: "partition" }),
    `not-a-disk usage: ${about}: it is a partition, and the table goes onto a whole disk`,
  );
  assert.equal(judge({ readOnly: true }), `read-only refused: ${about}: it is read-only`);
});

test("a size is for files that are made, and these need one", () => {
  const about = "Cannot install on /dev/sdb";
  assert.equal(
    judge({}, { sizeBytes: 5 }),
    `size-is-fixed usage: ${about}: it has 1073741824 bytes, and --size says 5`,
  );
  assert.equal(
    judge({ kind: "new-file", sizeBytes: 0 }),
    `no-size usage: ${about}: there is no such disk, and a new file needs a size`,
  );
});

test("a beginning is blank when it is zero, but for the mark of an installation that was cut off", () => {
  for (const sectorBytes of [512, 4096]) {
    const start = new Uint8Array(16_384);
    assert.equal(isBlankStart(start, sectorBytes), true);
    start.set(toBytes(unfinishedMark), sectorBytes);
    assert.equal(isBlankStart(start, sectorBytes), true);
    start[sectorBytes + unfinishedMark.length] = 1;
    assert.equal(isBlankStart(start, sectorBytes), false);
    start[sectorBytes + unfinishedMark.length] = 0;
    start[sectorBytes + 3] = 0;
    assert.equal(isBlankStart(start, sectorBytes), false);
  }
});
