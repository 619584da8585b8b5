import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUuid } from "../../base/ids.ts";
import type { Inventory } from "../../domain/resource.ts";
import { sampleTransfer } from "../../domain/sample-transfer.ts";
import type { Transfer } from "../../format/definitions.ts";
import { derivedType, type Partition, type PartitionTable } from "../../format/partition-table.ts";
import { linuxGeneric } from "../../format/partition-types.ts";
import { simDigest } from "../../sim/digest/sim-digest.ts";
import { bareWorld, sessionOn } from "../../sim/scenario/session.fixture.ts";
import { findBootFolders } from "./boot-folders.ts";
import { readInventory } from "./inventory.ts";

const device = "/dev/simdisk";

async function read(
  transfers: readonly Transfer[],
  files: Readonly<Record<string, string>>,
  partitions?: readonly Partition[],
): Promise<Inventory> {
  const table: PartitionTable = { device, labelId: "x", sectorSizeBytes: 512, partitions: partitions ?? [] };
  const world = bareWorld({ "/efi/EFI/x": "", ...files }, partitions === undefined ? {} : { tables: [table] });
  const { session } = sessionOn(world);
  return readInventory(session, transfers, await findBootFolders(session));
}

const root = sampleTransfer("root", { path: "/images", patterns: "os_@v.img" });
const uki = sampleTransfer("uki", {
  path: "/EFI/Linux",
  patterns: "os_@v+@l-@d.efi os_@v.efi",
  target: "PathRelativeTo=esp",
});
const tree = sampleTransfer("tree", {
  path: "/trees",
  patterns: "os_@v",
  target: "Type=directory",
  source: "Type=url-tar",
});
const nested = sampleTransfer("nested", {
  path: "/EFI/Linux",
  patterns: "os_@v.efi.extra.d/a.addon.efi",
  target: "PathRelativeTo=esp",
});

const inWords = ({ instances }: Inventory): readonly string[] =>
  instances.map(
    ({ transfer, version, place }) =>
      `${transfer} ${version} ${place.kind === "partition" ? place.number : place.path}`,
  );

test("instances are what matches by its whole name and is of the right kind", async () => {
  const files = {
    "/images/os_1.img": "one",
    "/images/os_2.img": "two",
    "/images/os_2.img.caibx": "index",
    "/images/os_3.img/x": "a folder",
    "/images/os_current.img": "->os_2.img",
    "/efi/EFI/Linux/os_1.efi": "",
    "/efi/EFI/Linux/os_2+3-0.efi": "",
    "/efi/EFI/Linux/os_2.efi.extra.d/a.addon.efi": "",
    "/trees/os_1/file": "",
    "/trees/os_2": "a file",
  };
  assert.deepEqual(inWords(await read([root, uki, tree, nested], files)), [
    "root 1 /images/os_1.img",
    "root 2 /images/os_2.img",
    "uki 1 /efi/EFI/Linux/os_1.efi",
    "uki 2 /efi/EFI/Linux/os_2+3-0.efi",
    "tree 1 /trees/os_1",
    "nested 2 /efi/EFI/Linux/os_2.efi.extra.d/a.addon.efi",
  ]);
});

test("an instance carries what its name and its file say", async () => {
  const { instances } = await read([uki], { "/efi/EFI/Linux/os_2+3-0.efi": "12345" });
  const [only] = instances;
  assert.deepEqual(
    [only?.fields.triesLeft, only?.fields.triesDone, only?.sizeBytes, only?.fields.sizeBytes],
    [3, 0, 5, 5],
  );
  assert.ok((only?.stamp ?? "").length > 0);
});

test("a link to the target's folder is followed", async () => {
  assert.deepEqual(inWords(await read([root], { "/real/os_1.img": "", "/images": "->/real" })), [
    "root 1 /real/os_1.img",
  ]);
});

test("what is unfinished is left over, of whoever, and is there once for transfers that share a folder", async () => {
  const other = sampleTransfer("other", { path: "/images", patterns: "other_@v.img" });
  const files = {
    "/images/.holdfast-0123456789abcdef": "123456",
    "/images/.holdfast-fedcba9876543210/x": "",
    "/images/.sysupdate.partial.os_2.img": "12",
    "/images/.#sysupdateos_3.img0123456789abcdef": "1",
    "/images/.hidden": "",
  };
  const { leftovers, instances } = await read([root, other], files);
  assert.deepEqual(instances, []);
  assert.deepEqual(
    leftovers.map(({ by, place, digestPrefix, name, sizeBytes, takenBytes }) => [
      by,
      place.kind,
      digestPrefix ?? name,
      place.kind === "file" ? [sizeBytes, takenBytes] : "tree",
    ]),
    [
      ["sysupdate", "file", "os_3.img", [1, 4096]],
      ["holdfast", "file", "0123456789abcdef", [6, 4096]],
      ["holdfast", "tree", "fedcba9876543210", "tree"],
      ["sysupdate", "file", "os_2.img", [2, 4096]],
    ],
  );
});

test("a target that is not there yet holds nothing", async () => {
  assert.deepEqual(await read([root, tree], {}), { instances: [], leftovers: [], slots: [] });
});

const hmac = (key: Uint8Array, message: Uint8Array): Uint8Array => simDigest.hmacSha256(key, message);
const partition = (number: number, label: string, change: Partial<Partition> = {}): Partition => ({
  number,
  startSector: number * 2048,
  sizeSectors: 100,
  type: linuxGeneric,
  uuid: parseUuid(String(number).padStart(32, "0")),
  label,
  attributes: 0n,
  ...change,
});
const slots = sampleTransfer("slots", { path: device, patterns: "os_@v", target: "Type=partition" });

test("partitions of the type are slots: empty, holding a version, or half written", async () => {
  const found = await read([slots], {}, [
    partition(1, "os_1", { attributes: 1n << 60n }),
    partition(2, "_empty"),
    partition(3, "os_2", { type: derivedType(linuxGeneric, "partial", hmac) }),
    partition(4, "os_3", { type: derivedType(linuxGeneric, "pending", hmac) }),
    partition(5, "data"),
    partition(6, "os_4", { type: parseUuid("1".repeat(32)) }),
    partition(7, "data", { type: derivedType(linuxGeneric, "partial", hmac) }),
  ]);
  assert.deepEqual(inWords(found), ["slots 1 1"]);
  assert.deepEqual(
    [found.instances[0]?.fields.readOnly, found.instances[0]?.fields.noAuto, found.instances[0]?.fields.partitionUuid],
    [true, false, parseUuid("1".padStart(32, "0"))],
  );
  assert.deepEqual(
    found.slots.map(({ number, label, empty, sizeBytes }) => [number, label, empty, sizeBytes]),
    [
      [1, "os_1", false, 51_200],
      [2, "_empty", true, 51_200],
      [3, "os_2", true, 51_200],
      [4, "os_3", true, 51_200],
    ],
  );
  assert.deepEqual(
    found.leftovers.map(({ name, takenBytes }) => [name, takenBytes]),
    [
      ["os_2", 0],
      ["os_3", 0],
    ],
  );
});

test("the disk of the root file system stands for auto; a disk that is not there is a Fault", async () => {
  const auto = sampleTransfer("slots", { path: "auto", patterns: "os_@v", target: "Type=partition" });
  assert.deepEqual(inWords(await read([auto], {}, [partition(1, "os_1")])), ["slots 1 1"]);
  await assert.rejects(read([slots], {}), { code: "not-a-block-device" });
});
