import assert from "node:assert/strict";
import { test } from "node:test";
import { espType, partitionTypeName, partitionTypeNamed } from "./partition-types.ts";

test("partition types have the names that systemd-repart uses", () => {
  for (const [name, architecture, expected] of [
    ["esp", undefined, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"],
    ["linux-generic", undefined, "0fc63daf-8483-4772-8e79-3d69d8477de4"],
    ["root-x86-64", undefined, "4f68bce3-e8cd-4db1-96e7-fbcaf984b709"],
    ["root", "x86-64", "4f68bce3-e8cd-4db1-96e7-fbcaf984b709"],
    ["root-verity-sig", "x86-64", "41092b05-9fc8-4523-994f-2def0408b176"],
    ["root-x86-64-verity", undefined, "2c7357ed-ebd2-46d9-aec1-23d437ec2bf5"],
    ["usr", "arm64", "b0e01050-ee5f-4390-949a-9101b17104e9"],
    ["root-secondary", "x86-64", "44479540-f297-41b2-9af7-d131d5f0458a"],
    ["usr-secondary-verity-sig", "arm64", "d7ff812f-37d1-4902-a810-d76ba57b975a"],
    ["root", undefined, undefined],
    ["root", "vax", undefined],
    ["root-secondary", "s390x", undefined],
    ["swap", undefined, "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f"],
    ["esp-verity", "x86-64", undefined],
  ] as const)
    assert.equal(partitionTypeNamed(name, architecture), expected, name);
  assert.equal(partitionTypeName(espType), "esp");
});
