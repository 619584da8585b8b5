import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { signatureList, signatureLists } from "./efi-signature-list.fixture.ts";
import { parseSignatureLists } from "./efi-signature-list.ts";

const owner = "11223344-5566-7788-9900-aabbccddeeff";

test("certificates, digests and revocations are read with their owner, in order", () => {
  const time = "ea07020304050600000000000000000000".slice(0, 32);
  const bytes = signatureLists(
    signatureList("x509", Uint8Array.of(0x30, 1, 2)),
    signatureList("sha256", new Uint8Array(32).fill(5)),
    signatureList("x509-sha256", new Uint8Array(32).fill(6)),
    signatureList("x509-sha384", new Uint8Array(48).fill(7), time),
    signatureList("x509-sha512", new Uint8Array(64).fill(8), time),
  );
  assert.deepEqual(
    parseSignatureLists(bytes).map(({ kind, owner: by, data, revokedAt }) => [
      kind,
      by,
      data.length,
      data[0],
      revokedAt,
    ]),
    [
      ["x509", owner, 3, 0x30, undefined],
      ["sha256", owner, 32, 5, undefined],
      ["x509-sha256", owner, 32, 6, undefined],
      ["x509-sha384", owner, 48, 7, "2026-02-03 04:05:06"],
      ["x509-sha512", owner, 64, 8, "2026-02-03 04:05:06"],
    ],
  );
  assert.deepEqual(parseSignatureLists(new Uint8Array()), []);
});

test("one list may hold several digests, and a kind that nobody knows is kept as such", () => {
  const two = signatureList("sha256", new Uint8Array(32).fill(5));
  const list = Uint8Array.from([...two, ...two.subarray(28)]);
  new DataView(list.buffer).setUint32(16, list.length, true);
  assert.deepEqual(
    parseSignatureLists(list).map(({ kind }) => kind),
    ["sha256", "sha256"],
  );
  const unknown = Uint8Array.from(two);
  unknown[0] = 0;
  assert.equal(parseSignatureLists(unknown)[0]?.kind, "other");
});

test("lists whose sizes contradict each other are refused", () => {
  const good = signatureList("sha256", new Uint8Array(32));
  const with32 = (offset: number, value: number): Uint8Array => {
    const bytes = Uint8Array.from(good);
    new DataView(bytes.buffer).setUint32(offset, value, true);
    return bytes;
  };
  const table: readonly (readonly [string, Uint8Array])[] = [
    ["cut off", good.subarray(0, 40)],
    ["cut within its header", good.subarray(0, 20)],
    ["longer than the variable", with32(16, 1000)],
    ["shorter than its header", with32(16, 20)],
    ["a header larger than the list", with32(20, 400)],
    ["signatures of no size", with32(24, 0)],
    ["signatures that do not fill it", with32(24, 20)],
    ["too large", new Uint8Array((1 << 20) + 1)],
    ["a digest that is too short", signatureList("sha256", new Uint8Array(31))],
    ["a revocation without a date", signatureList("x509-sha256", new Uint8Array(16))],
  ];
  for (const [what, bytes] of table)
    assert.throws(() => parseSignatureLists(bytes), { code: "signature-list-damaged" }, what);
});

test("any bytes decode or throw a Fault", () => {
  const good = signatureLists(signatureList("x509", new Uint8Array(20)), signatureList("sha256", new Uint8Array(32)));
  const parses = (bytes: Uint8Array): void => {
    try {
      assert.ok(parseSignatureLists(bytes).every(({ data }) => data.length <= bytes.length));
    } catch (error) {
      assert.ok(error instanceof Fault, String(error));
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), parses), { numRuns: 500 });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
      const bytes = Uint8Array.from(good);
      for (const [at, byte] of changes) bytes[at] = byte;
      parses(bytes);
    }),
    { numRuns: 500 },
  );
});
