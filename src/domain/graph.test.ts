import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUuid, parseVersion } from "../base/ids.ts";
import { isComplete, isVerified, type Soundness } from "./boot-graph.ts";
import { buildGraph, type GraphInput, type JudgedInstance, type ObservedEntry, type RecordedNeeds } from "./graph.ts";
import type { Place } from "./resource.ts";
import { sampleEntry } from "./sample-entry.ts";
import { sampleTransfers } from "./sample-transfer.ts";

const file = (path: string): Place => ({ kind: "file", path });
const partition = (number: number): Place => ({ kind: "partition", device: "/dev/sda", number, sizeBytes: 1 << 20 });

function instance(transfer: string, version: string, place: Place, soundness: Soundness = "verified"): JudgedInstance {
  const fields = { version: parseVersion(version) };
  return {
    instance: { transfer, version: fields.version, place, fields, sizeBytes: 1, stamp: "s", fileSystem: "f" },
    soundness,
  };
}

function observed(fileName: string, changes: Partial<ObservedEntry> = {}): ObservedEntry {
  return { entry: sampleEntry(fileName), commandLine: undefined, files: [], ...changes };
}

const base: GraphInput = {
  entries: [],
  transfers: sampleTransfers(),
  instances: [
    instance("50-root", "1", file("/system/os_1.erofs")),
    instance("90-uki", "1", file("/efi/EFI/Linux/os_1.efi")),
  ],
  records: [],
  partitions: [],
};

/** `what: soundness`, for each need of the only entry. */
function needs(changes: Partial<GraphInput>): readonly string[] {
  const [node] = buildGraph({ ...base, ...changes }).nodes;
  assert.ok(node !== undefined);
  return node.needs.map(({ what, soundness }) => `${what}: ${soundness}`);
}

test("An intact version is complete and verified", () => {
  const [node] = buildGraph({ ...base, entries: [observed("os_1.efi")] }).nodes;
  assert.ok(node !== undefined);
  assert.deepEqual([node.version, isComplete(node), isVerified(node)], ["1", true, true]);
  assert.deepEqual(
    node.needs.map(({ transfer, role, what }) => [transfer, role, what]),
    [
      ["90-uki", "entry", "/efi/EFI/Linux/os_1.efi"],
      ["50-root", "image", "/system/os_1.erofs"],
    ],
  );
});

test("An entry whose image is not there is seen: the incident of March 2026", () => {
  const entries = [observed("os_2+3-0.efi")];
  assert.deepEqual(needs({ entries }), ["/efi/EFI/Linux/os_2+3-0.efi: unknown", "version 2 of 50-root: missing"]);
  const [node] = buildGraph({ ...base, entries }).nodes;
  assert.ok(node !== undefined && !isComplete(node));
});

test("An entry of another system has neither version nor needs", () => {
  const entries = [observed("fedora.conf", { files: [{ path: "/efi/vmlinuz", present: false }] })];
  assert.deepEqual(buildGraph({ ...base, entries }).nodes, [
    { entry: entries[0]?.entry, version: undefined, needs: [] },
  ]);
});

const recorded: RecordedNeeds = {
  version: parseVersion("1"),
  resources: [
    { transfer: "40-usr", role: "image", place: partition(3) },
    { transfer: "45-extra", role: "addon", place: file("/efi/EFI/Linux/os_1.efi.extra.d/a.addon.efi") },
    { transfer: "90-uki", role: "entry", place: file("/efi/EFI/Linux/os_1+3-0.efi") },
  ],
};

test("What was recorded at installation judges, not today's definitions", () => {
  const entries = [observed("os_1+1-2.efi")];
  const records = [recorded];
  assert.deepEqual(needs({ entries, records, instances: [instance("40-usr", "1", partition(3), "unchecked")] }), [
    "/efi/EFI/Linux/os_1+1-2.efi: unknown",
    "partition 3 of /dev/sda: unchecked",
    "/efi/EFI/Linux/os_1.efi.extra.d/a.addon.efi: missing",
  ]);
});

test("A record of a version that was found half installed does not tell what its entry needs", () => {
  const place = file("/efi/EFI/Linux/os_2.efi");
  const partial: RecordedNeeds = {
    version: parseVersion("2"),
    partial: true,
    resources: [{ transfer: "90-uki", role: "entry", place }],
  };
  assert.deepEqual(needs({ entries: [observed("os_2.efi")], records: [partial] }), [
    "/efi/EFI/Linux/os_2.efi: unknown",
    "version 2 of 50-root: missing",
  ]);
});

test("A slot that another version was written to is missing for the old one", () => {
  const instances = [instance("40-usr", "2", partition(3))];
  const found = needs({ entries: [observed("os_1.efi")], records: [recorded], instances });
  assert.equal(found[1], "partition 3 of /dev/sda: missing");
});

test("A recorded place that today's definitions do not cover is taken as it was looked at", () => {
  const elsewhere = [{ place: partition(3), soundness: "verified" }] as const;
  const found = needs({ entries: [observed("os_1.efi")], records: [recorded], instances: [], elsewhere });
  assert.equal(found[1], "partition 3 of /dev/sda: verified");
});

test("A record gives a version to an entry that today's definitions do not match", () => {
  const [node] = buildGraph({ ...base, transfers: [], records: [recorded], entries: [observed("os_1.efi")] }).nodes;
  assert.equal(node?.version, "1");
});

const hash = `${"0".repeat(31)}1${"0".repeat(31)}2`;
const [data, verity] = [parseUuid(`${"0".repeat(31)}1`), parseUuid(`${"0".repeat(31)}2`)];
const entries = [observed("os_1.efi", { commandLine: `quiet usrhash=${hash}` })];

test("Partitions that the command line names by hash are needed", () => {
  const partitions = [{ uuid: data, place: partition(3) }];
  assert.deepEqual(needs({ entries, partitions }).slice(2), [
    `partition ${data} (usr): unknown`,
    `partition ${verity} (usr-verity): missing`,
  ]);
  const known = [...base.instances, instance("40-usr", "1", partition(3), "damaged")];
  assert.equal(needs({ entries, partitions, instances: known })[2], `partition ${data} (usr): damaged`);
});

test("What the record names already is not named again, and unread tables accuse nobody", () => {
  const partitions = [
    { uuid: data, place: partition(3) },
    { uuid: verity, place: partition(4) },
  ];
  assert.equal(needs({ entries, partitions, records: [recorded] }).length, 4);
  assert.equal(needs({ entries, partitions: undefined }).length, 2);
});

test("The files that a type 1 entry loads are needed", () => {
  const files = [
    { path: "/efi/os_1/vmlinuz", present: true },
    { path: "/efi/os_1/initrd", present: false },
  ];
  const place = file("/efi/loader/entries/os_1.conf");
  const records = [{ ...recorded, resources: [{ transfer: "90-conf", role: "entry" as const, place }] }];
  assert.deepEqual(needs({ entries: [observed("os_1.conf", { files })], records }).slice(1), [
    "/efi/os_1/vmlinuz: unknown",
    "/efi/os_1/initrd: missing",
  ]);
});
