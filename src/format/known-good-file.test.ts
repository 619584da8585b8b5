import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatKnownGood, knownGoodMax, parseKnownGood, withKnownGood } from "./known-good-file.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const id = fc.stringMatching(/^os_[0-9]{1,6}\.efi$/);

test("one id a line, each once, eight at most; what is no id is passed over", () => {
  assert.deepEqual(parseKnownGood(bytes("\ufeffos_1.efi\n")), ["\ufeffos_1.efi"]);
  assert.deepEqual(parseKnownGood(bytes("os_2.efi\nos_1.efi\nos_2.efi\n\na/b.efi\nreadme.txt\n")), [
    "os_2.efi",
    "os_1.efi",
  ]);
  const many = Array.from({ length: 12 }, (_, at) => `os_${at}.efi`);
  assert.equal(parseKnownGood(bytes(formatKnownGood(many))).length, knownGoodMax);
});

test("what is written is read", () => {
  fc.assert(
    fc.property(fc.uniqueArray(id, { maxLength: knownGoodMax }), (ids) => {
      assert.deepEqual(parseKnownGood(bytes(formatKnownGood(ids))), ids);
    }),
  );
});

test("the newly good one comes first, and ids without an entry go", () => {
  const present = new Set(["os_1.efi", "os_3.efi"]);
  assert.deepEqual(withKnownGood(["os_2.efi", "os_3.efi", "os_1.efi"], "os_3.efi", present), ["os_3.efi", "os_1.efi"]);
  assert.deepEqual(withKnownGood([], "os_1.efi", present), ["os_1.efi"]);
});
