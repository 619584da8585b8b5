import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { parseSha256, type Sha256 } from "../base/ids.ts";
import { formatChecksums, parseChecksums, staleSince } from "./checksums.ts";

const a = parseSha256("a".repeat(64));
const b = parseSha256("b".repeat(64));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a manifest is read with both separators and with sub-paths", () => {
  const manifest = parseChecksums(bytes(`${a}  os_1.efi\n${b.toUpperCase()} *sub/os 1.img\n${a}  os_1.efi\n`));
  assert.deepEqual(
    [...manifest.entries],
    [
      ["os_1.efi", a],
      ["sub/os 1.img", b],
    ],
  );
  assert.deepEqual(manifest.bestBefore, []);
});

test("what is no complete and unambiguous list is refused by name", () => {
  for (const [text, code] of [
    ["", "manifest-empty"],
    ["\n \n", "manifest-empty"],
    ["<!DOCTYPE html><html>", "manifest-is-html"],
    ["\n\n  <html>", "manifest-is-html"],
    [`${a}  os_1.efi`, "manifest-bad-line"],
    [`${a}  os_1.efi\n${b}  os`, "manifest-bad-line"],
    [`${a}  os_1.efi\n\n`, "manifest-bad-line"],
    [`${a} os_1.efi\n`, "manifest-bad-line"],
    [`${a}  \n`, "manifest-bad-line"],
    [`${a.slice(1)}   os_1.efi\n`, "manifest-bad-line"],
    [`${a.slice(0, 32)} ${a.slice(33)}  x\n`, "manifest-bad-line"],
    [`\\${a}  os\\n1\n`, "manifest-bad-line"],
    [`${a}  os\r\n`, "manifest-bad-name"],
    [`${a}  os%31\n`, "manifest-bad-name"],
    [`${a}  /etc/passwd\n`, "manifest-bad-name"],
    [`${a}  ../x\n`, "manifest-bad-name"],
    [`${a}  x//y\n`, "manifest-bad-name"],
    [`${a}  ./x\n`, "manifest-bad-name"],
    [`${a}  ${"x".repeat(2000)}\n`, "manifest-bad-name"],
    [`${a}  BEST-BEFORE-2026-02-30\n`, "manifest-bad-name"],
    [`${a}  x\n${b}  x\n`, "manifest-contradictory"],
    [`${a}  x\0\n`, "manifest-not-text"],
    [`${a}  x\n`.repeat(100_001), "manifest-too-large"],
  ] as const)
    assert.throws(() => parseChecksums(bytes(text)), { code }, text.slice(0, 100));
  assert.throws(() => parseChecksums(Uint8Array.of(0x61, 0xff)), { code: "manifest-not-text" });
  assert.throws(() => parseChecksums(new Uint8Array((16 << 20) + 1)), { code: "manifest-too-large" });
});

test("a manifest goes stale at the beginning of its earliest date", () => {
  const marker = (date: string): string => `${a}  BEST-BEFORE-${date}\n`;
  const manifest = parseChecksums(
    bytes(`${marker("2026-09-01")}${marker("2026-08-01")}${b}  sub/BEST-BEFORE-2020-01-01\n`),
  );
  assert.deepEqual([...manifest.entries.keys()], ["sub/BEST-BEFORE-2020-01-01"]);
  assert.deepEqual(manifest.bestBefore[1], { name: "BEST-BEFORE-2026-08-01", dateUtc: "2026-08-01", sha256: a });
  assert.equal(staleSince(manifest, Date.parse("2026-08-01T00:00:00Z")), undefined);
  assert.equal(staleSince(manifest, Date.parse("2026-08-01T00:00:00.001Z")), "2026-08-01");
  assert.equal(staleSince(manifest, Date.parse("2027-01-01T00:00:00Z")), "2026-08-01");
  assert.equal(staleSince(parseChecksums(bytes(`${a}  x\n`)), Number.MAX_SAFE_INTEGER), undefined);
});

test("what is written is read back the same, and names nobody would take are not written", () => {
  const digests = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => parseSha256(hex));
  const names = fc
    .array(fc.stringMatching(/^[a-z0-9+._ -]{1,12}$/), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join("/"));
  fc.assert(
    fc.property(fc.array(fc.tuple(names, digests), { minLength: 1, maxLength: 8 }), (pairs) => {
      const entries = new Map<string, Sha256>(pairs);
      try {
        assert.deepEqual(new Map(parseChecksums(formatChecksums(entries)).entries), entries);
      } catch (error) {
        assert.ok(error instanceof Fault && error.code === "manifest-bad-name");
      }
    }),
  );
  assert.throws(() => formatChecksums([["a\nb", a]]), { code: "manifest-bad-name" });
});

test("any bytes are a manifest or a Fault", () => {
  const line = fc.constantFrom(`${a}  x\n`, `${b} *y/z\n`, a, "\n", "<", "%", "/", " ", "\0");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.array(line).map((parts) => bytes(parts.join(""))),
      ),
      (input) => {
        try {
          parseChecksums(input);
        } catch (error) {
          assert.ok(error instanceof Fault);
        }
      },
    ),
  );
});
