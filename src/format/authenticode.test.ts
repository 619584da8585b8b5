import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { authenticodeRanges, readSignatures, splitCertificates } from "./authenticode.ts";
import { readPe } from "./pe.ts";
import { bytesReader, tinyUki, withCertificates } from "./pe.fixture.ts";

async function digestOf(image: Uint8Array): Promise<string> {
  const hash = createHash("sha256");
  for (const { offset, length } of authenticodeRanges(await readPe(bytesReader(image)), image.length))
    hash.update(image.subarray(offset, offset + length));
  return hash.digest("hex");
}

const changed = (image: Uint8Array, at: number): Uint8Array =>
  image.map((byte, index) => (index === at ? byte ^ 1 : byte));

test("checksum, certificate entry and certificates are left out, and every other byte counts", async () => {
  const image = withCertificates(tinyUki(), [new Uint8Array(50).fill(7)]);
  const { layout } = await readPe(bytesReader(image));
  const digest = await digestOf(image);
  assert.equal(await digestOf(tinyUki()), digest, "signing changes nothing that is signed");
  const entry = layout.certificateEntryOffset ?? 0;
  const left = [layout.checksumOffset, layout.checksumOffset + 3, image.length - 1, layout.certificates.offset + 9];
  for (const at of left) assert.equal(await digestOf(changed(image, at)), digest, `byte ${at}`);
  const counted = [
    2,
    layout.checksumOffset - 20,
    layout.checksumOffset + 4,
    entry - 1,
    entry + 8,
    layout.headersSize - 1,
  ];
  for (const at of [...counted, layout.headersSize, layout.certificates.offset - 1])
    assert.notEqual(await digestOf(changed(image, at)), digest, `byte ${at}`);
});

test("bytes behind the sections are signed too", async () => {
  const longer = new Uint8Array(tinyUki().length + 8);
  longer.set(tinyUki());
  assert.notEqual(await digestOf(longer), await digestOf(tinyUki()));
});

test("all signatures of an image are found, and an unsigned one has none", async () => {
  const signatures = [Uint8Array.of(1, 2, 3), new Uint8Array(16).fill(4)];
  const image = withCertificates(tinyUki(), signatures);
  const found = await readSignatures(bytesReader(image), await readPe(bytesReader(image)));
  assert.deepEqual(
    found.map((one) => [...one]),
    signatures.map((one) => [...one]),
  );
  assert.deepEqual(await readSignatures(bytesReader(tinyUki()), await readPe(bytesReader(tinyUki()))), []);
});

test("a table of certificates: PKCS#7 plain or by GUID, others passed over, cut-off ones end it", () => {
  const guid = "9dd2af4adf68ee498aa9347d375665a7";
  const row = (length: number, type: string, content: string): string =>
    `${Buffer.from(Uint32Array.of(length).buffer).toString("hex")}0002${type}${content}`.padEnd(
      Math.ceil(length / 8) * 16,
      "0",
    );
  const table: readonly (readonly [string, string, readonly string[]])[] = [
    ["one", row(10, "0200", "aabb"), ["aabb"]],
    ["two", row(10, "0200", "aabb") + row(9, "0200", "cc"), ["aabb", "cc"]],
    ["by GUID", row(26, "f10e", `${guid}aabb`), ["aabb"]],
    ["of another kind", row(10, "0100", "aabb") + row(9, "0200", "cc"), ["cc"]],
    ["with another GUID", row(26, "f10e", `00${guid.slice(2)}aabb`), []],
    ["longer than the table", row(40, "0200", "aabb").slice(0, 60), []],
    ["without content", row(8, "0200", "") + row(9, "0200", "cc"), []],
    ["nothing", "", []],
  ];
  for (const [what, hex, expected] of table)
    assert.deepEqual(
      splitCertificates(Buffer.from(hex, "hex")).map((one) => Buffer.from(one).toString("hex")),
      expected,
      what,
    );
});

test("sections that lie over one another are refused: hashing them could take for ever", async () => {
  const image = Uint8Array.from(tinyUki());
  const view = new DataView(image.buffer);
  const sections = view.getUint32(60, true) + 24 + 240;
  for (const index of [0, 1, 2, 3]) {
    view.setUint32(sections + index * 40 + 16, image.length - 1024, true);
    view.setUint32(sections + index * 40 + 20, 1024, true);
  }
  const pe = await readPe(bytesReader(image));
  assert.throws(() => authenticodeRanges(pe, image.length), { code: "pe-damaged" });
});

test("any image with any changes gives ranges inside of it, or a Fault", async () => {
  const image = withCertificates(tinyUki(), [new Uint8Array(50).fill(7)]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(image.length - 1), fc.nat(255)), { maxLength: 12 }), async (changes) => {
      const bytes = Uint8Array.from(image);
      for (const [at, byte] of changes) bytes[at] = byte;
      try {
        const pe = await readPe(bytesReader(bytes));
        const ranges = authenticodeRanges(pe, bytes.length);
        assert.ok(ranges.every(({ offset, length }) => offset >= 0 && length > 0 && offset + length <= bytes.length));
        assert.ok(ranges.reduce((sum, { length }) => sum + length, 0) <= bytes.length);
        await readSignatures(bytesReader(bytes), pe);
      } catch (error) {
        assert.ok(error instanceof Fault, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
