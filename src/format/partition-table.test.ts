import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { parseUuid } from "../base/ids.ts";
import { parseLeftover, stagingName } from "./leftover-name.ts";
import {
  applyChanges,
  derivedType,
  formatAttributes,
  parseAttributes,
  parseSfdiskJson,
  type PartitionTable,
  sfdiskScript,
} from "./partition-table.ts";

const json = `{
   "partitiontable": {
      "label": "gpt", "id": "D8317D53-411C-47C7-B24E-BB1B39A69221", "device": "/dev/nvme0n1", "unit": "sectors",
      "firstlba": 34, "lastlba": 131038, "sectorsize": 512,
      "partitions": [
         {"node": "/dev/nvme0n1p1", "start": 34, "size": 100, "type": "21686148-6449-6E6F-744E-656564454649",
          "uuid": "30BB0B07-E205-4F6E-B51C-60DDC36190A1", "name": "bi os", "attrs": "RequiredPartition LegacyBIOSBootable"},
         {"node": "/dev/nvme0n1p3", "start": 2048, "size": 4096, "type": "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
          "uuid": "0FC63DAF-8483-4772-8E79-3D69D8477DE5", "name": "_empty", "attrs": "GUID:59,60"},
         {"node": "/dev/nvme0n1p12", "start": 8192, "size": 8, "type": "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
          "uuid": "0FC63DAF-8483-4772-8E79-3D69D8477DE6"}
      ]
   }
}`;

const table = parseSfdiskJson(json);

test("a partition table is read from sfdisk", () => {
  assert.equal(table.device, "/dev/nvme0n1");
  assert.deepEqual(
    table.partitions.map((partition) => partition.number),
    [1, 3, 12],
  );
  assert.deepEqual(table.partitions[1], {
    number: 3,
    startSector: 2048,
    sizeSectors: 4096,
    type: parseUuid("0fc63daf-8483-4772-8e79-3d69d8477de4"),
    uuid: parseUuid("0fc63daf-8483-4772-8e79-3d69d8477de5"),
    label: "_empty",
    attributes: (1n << 59n) | (1n << 60n),
  });
  assert.equal(table.partitions[2]?.label, "");
});

test("what is no GPT table is refused", () => {
  for (const text of [
    "",
    "[]",
    "{}",
    json.replace('"gpt"', '"dos"'),
    json.replace('"start": 34', '"start": -1'),
    json.replace('"start": 34', '"start": 1.5'),
    json.replace("21686148", "x"),
    json.replace("/dev/nvme0n1p12", "/dev/nvme0n1p3"),
    json.replace("/dev/nvme0n1p12", "/dev/nvme0n1p"),
    json.replace('"_empty"', "7"),
  ])
    assert.throws(() => parseSfdiskJson(text), { code: "partition-table-unreadable" }, text.slice(0, 60));
  assert.throws(() => parseSfdiskJson(json.replace("GUID:59,60", "Unknown")), { code: "partition-flags" });
});

test("a change is written as one script of the whole table", () => {
  const script = sfdiskScript(table, [{ number: 3, label: 'os_5 "x"', attributes: 1n << 63n }]);
  assert.equal(
    script,
    `label: gpt
label-id: D8317D53-411C-47C7-B24E-BB1B39A69221
unit: sectors
first-lba: 34
last-lba: 131038
sector-size: 512

part1 : start=34, size=100, type=21686148-6449-6E6F-744E-656564454649, uuid=30BB0B07-E205-4F6E-B51C-60DDC36190A1, name="bi os", attrs="RequiredPartition LegacyBIOSBootable"
part3 : start=2048, size=4096, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=0FC63DAF-8483-4772-8E79-3D69D8477DE5, name="os_5 \\x22x\\x22", attrs="GUID:63"
part12 : start=8192, size=8, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=0FC63DAF-8483-4772-8E79-3D69D8477DE6, name=""
`,
  );
  assert.equal(applyChanges(table, [{ number: 1, label: "x" }]).partitions[0]?.label, "x");
  assert.throws(() => sfdiskScript(table, [{ number: 2, label: "x" }]), { code: "partition-bad-change" });
  assert.throws(() => sfdiskScript(table, [{ number: 3, label: "x".repeat(37) }]), { code: "partition-label" });
  assert.throws(() => sfdiskScript(table, [{ number: 3, label: "\ud800" }]), { code: "partition-label" });
  assert.throws(() => sfdiskScript(table, [{ number: 3, attributes: 8n }]), { code: "partition-flags" });
});

test("no label can add a line or a field to the script", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 36 }), (label) => {
      let script: string;
      try {
        script = sfdiskScript(table, [{ number: 3, label }]);
      } catch (error) {
        assert.ok(error instanceof Fault);
        return;
      }
      const lines = script.split("\n");
      assert.equal(lines.length, 11);
      assert.match(lines[8] ?? "", /name="[^"\n]*", attrs="GUID:59,60"$/);
    }),
  );
});

test("attribute bits are written and read back", () => {
  assert.equal(parseAttributes("RequiredPartiton GUID:59 60,NoBlockIOProtocol"), (1n << 59n) | (1n << 60n) | 3n);
  const bit = fc.constantFrom(0, 1, 2, ...Array.from({ length: 16 }, (_, index) => 48 + index));
  fc.assert(
    fc.property(fc.uniqueArray(bit), (bits) => {
      const flags = bits.reduce((all, one) => all | (1n << BigInt(one)), 0n);
      assert.equal(parseAttributes(formatAttributes(flags)), flags);
    }),
  );
});

test("unfinished partitions have a type of their own, derived as systemd derives it", () => {
  const hmac = (key: Uint8Array, message: Uint8Array): Uint8Array => createHmac("sha256", key).update(message).digest();
  const type = parseUuid("4f68bce3-e8cd-4db1-96e7-fbcaf984b709");
  const partial = derivedType(type, "partial", hmac);
  assert.match(partial, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const expected = createHmac("sha256", Buffer.from("4f68bce3e8cd4db196e7fbcaf984b709", "hex"))
    .update(Buffer.from("accfa0c2da24460a9fc90bb8fc785219", "hex"))
    .digest("hex");
  assert.equal(partial.slice(0, 13), `${expected.slice(0, 8)}-${expected.slice(8, 12)}`);
  assert.notEqual(partial, derivedType(type, "pending", hmac));
});

test("temporary files are recognised, ours and those of systemd-sysupdate", () => {
  for (const [name, expected] of [
    [".holdfast-0123456789abcdef", { by: "holdfast", stage: "staged", digestPrefix: "0123456789abcdef" }],
    [".sysupdate.partial.os_5.img", { by: "sysupdate", stage: "partial", name: "os_5.img" }],
    [".sysupdate.pending.os_5.img", { by: "sysupdate", stage: "pending", name: "os_5.img" }],
    [".#sysupdateos_5.img0123456789abcdef", { by: "sysupdate", stage: "partial", name: "os_5.img" }],
    [".holdfast-0123456789ABCDEF", undefined],
    [".holdfast-0123456789abcdef0", undefined],
    [".sysupdate.partial.", undefined],
    [".#sysupdate0123456789abcdef", undefined],
    ["os_5.img", undefined],
  ] as const)
    assert.deepEqual(parseLeftover(name), expected, name);
  assert.equal(stagingName("ab".repeat(32)), ".holdfast-abababababababab");
});

test("any text is a table or a Fault", () => {
  const broken = fc
    .tuple(fc.nat(json.length), fc.nat(20), fc.string({ maxLength: 3 }))
    .map(([at, length, by]) => json.slice(0, at) + by + json.slice(at + length));
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), broken), (text) => {
      try {
        const read: PartitionTable = parseSfdiskJson(text);
        sfdiskScript(read, []);
      } catch (error) {
        assert.ok(error instanceof Fault);
      }
    }),
  );
});
