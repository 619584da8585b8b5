import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../base/fault.ts";
import { parseUuid, parseVersion, type Sha256 } from "../base/ids.ts";
import type { Transfer } from "../format/definitions.ts";
import { contentStagingName, destinationOf, instanceFields, instanceName, linkPath } from "./destination.ts";
import type { Offer } from "./resource.ts";
import { sampleOffer, sampleSituation } from "./sample-situation.ts";
import { sampleTransfer, sampleTransfers } from "./sample-transfer.ts";

const [root, uki] = sampleTransfers();
const digest = `${"a".repeat(16)}${"0".repeat(32)}${"f".repeat(16)}` as Sha256;

function place(transfer: Transfer, change: Partial<Offer> = {}): unknown {
  const offer = sampleOffer(transfer, "3", { sha256: digest, ...change });
  const situation = sampleSituation({ versions: [], transfers: [transfer] });
  return destinationOf(situation, transfer, offer, digest, new Set(), []);
}

test("a file is staged beside its place, under the start of the digest it is to have", () => {
  assert.deepEqual(place(root), {
    transfer: "50-root",
    role: "image",
    place: { kind: "file", path: "/system/os_3.erofs" },
    staging: { kind: "file", path: `/system/.holdfast-${"a".repeat(16)}` },
    fileSystem: "root",
  });
});

test("what is unpacked from other bytes is staged under the end of their digest, so that both can lie side by side", () => {
  assert.equal(contentStagingName(digest), `.holdfast-${"f".repeat(16)}`);
  assert.deepEqual(place(root, { shape: { kind: "bytes", compression: "zst" } }), {
    transfer: "50-root",
    role: "image",
    place: { kind: "file", path: "/system/os_3.erofs" },
    staging: { kind: "file", path: `/system/.holdfast-${"f".repeat(16)}` },
    fileSystem: "root",
  });
});

test("an entry is placed under its final name, counter and all, and staged where the loader does not see it", () => {
  assert.deepEqual(place(uki), {
    transfer: "90-uki",
    role: "entry",
    place: { kind: "file", path: "/efi/EFI/Linux/os_3+3-0.efi" },
    staging: { kind: "file", path: `/efi/EFI/Linux/.holdfast-${"a".repeat(16)}` },
    fileSystem: "esp",
  });
});

for (const [type, subvolume] of [
  ["directory", false],
  ["subvolume", true],
] as const) {
  test(`a ${type} is a tree`, () => {
    const transfer = sampleTransfer("50-root", {
      path: "/system",
      patterns: "os_@v",
      target: `Type=${type}`,
      source: "Type=url-tar",
    });
    const shape = { kind: "archive", compression: "xz" } as const;
    assert.deepEqual(place(transfer, { shape }), {
      transfer: "50-root",
      role: "image",
      place: { kind: "tree", path: "/system/os_3", subvolume },
      staging: { kind: "tree", path: `/system/.holdfast-${"f".repeat(16)}`, subvolume },
      fileSystem: "root",
    });
  });
}

test("a label that no partition can have is refused before a slot is chosen", () => {
  const transfer = sampleTransfer("50-root", {
    path: "/dev/sda",
    patterns: `${"x".repeat(40)}_@v`,
    target: "Type=partition",
  });
  assert.throws(() => place(transfer), Fault);
});

const fields = { version: parseVersion("3"), mode: 0o600, triesLeft: 9, triesDone: 8, readOnly: false } as const;

test("what the definition sets comes before what the source's name says", () => {
  const target = "Mode=0640\nTriesLeft=4\nTriesDone=1\nReadOnly=yes";
  const transfer = sampleTransfer("50-root", { path: "/system", patterns: "os_@v.erofs", target });
  const told = instanceFields(transfer, sampleOffer(transfer, "3", { fields, sha256: digest }));
  assert.deepEqual(told, { version: "3", mode: 0o640, triesLeft: 4, triesDone: 1, readOnly: true, sha256: digest });
});

test("what only the source's name says is kept", () => {
  const told = instanceFields(root, sampleOffer(root, "3", { fields, sha256: digest }));
  assert.deepEqual(told, { ...fields, sha256: digest });
});

test("identity and flags of a partition come from the definition", () => {
  const target =
    "Type=partition\nPartitionUUID=00112233-4455-6677-8899-aabbccddeeff\nPartitionFlags=0x5\nPartitionNoAuto=yes\nPartitionGrowFileSystem=no";
  const transfer = sampleTransfer("50-root", { path: "/dev/sda", patterns: "os_@v", target });
  const told = instanceFields(transfer, sampleOffer(transfer, "3", { sha256: undefined }));
  assert.deepEqual(told, {
    version: "3",
    partitionUuid: parseUuid("00112233445566778899aabbccddeeff"),
    partitionFlags: 5n,
    noAuto: true,
    growFileSystem: false,
  });
});

test("a counter has both its numbers from the start, so that counting never changes the length of the name", () => {
  const patterns = "os_@v+@l-@d.efi";
  const byDefinition = sampleTransfer("90-uki", {
    path: "/EFI/Linux",
    patterns,
    target: "PathRelativeTo=boot\nTriesLeft=3",
  });
  assert.equal(instanceName(byDefinition, sampleOffer(byDefinition, "3")), "os_3+3-0.efi");
  const byName = sampleTransfer("90-uki", { path: "/EFI/Linux", patterns, target: "PathRelativeTo=boot" });
  const offer = sampleOffer(byName, "3", { fields: { version: parseVersion("3"), triesLeft: 2 } });
  assert.equal(instanceName(byName, offer), "os_3+2-0.efi");
});

test("a relative CurrentSymlink= is in the folder of the instances", () => {
  const link = (text: string): Transfer => ({ ...root, target: { ...root.target, currentSymlink: text } });
  assert.equal(linkPath(root, "/system"), undefined);
  assert.equal(linkPath(link("/run/current"), "/system"), "/run/current");
  assert.equal(linkPath(link("current"), "/system"), "/system/current");
  assert.throws(() => linkPath(link("../current"), "/system"), Fault);
});
