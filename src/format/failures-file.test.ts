import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseFailures } from "./failures-file.ts";

const read = (text: string): readonly string[] =>
  parseFailures(new TextEncoder().encode(text)).map(
    ({ seconds, kind, entryId, code, text: what }) => `${seconds} ${kind} ${entryId} ${code} ${what}`,
  );

test("lines as the initrd writes them", () => {
  const text =
    "1790000000\tfailed\tos_2.efi\timage-missing\t/system/os_2.erofs is not there\n" +
    "1790000060\tchosen\tos_1.efi\t-\t-\n";
  assert.deepEqual(read(text), [
    "1790000000 failed os_2.efi image-missing /system/os_2.erofs is not there",
    "1790000060 chosen os_1.efi other -",
  ]);
});

test("what is torn, unknown or no name of an entry is passed over", () => {
  const torn = [
    "",
    "17900",
    "x\tfailed\tos_2.efi\tother\tz",
    "1\tdone\tos_2.efi\tother\tz",
    "1\tfailed\ta/b\tother\tz",
  ];
  assert.deepEqual(read(torn.join("\n")), []);
  assert.deepEqual(read("5\tfailed\tos_2.efi"), ["5 failed os_2.efi other "]);
  assert.deepEqual(read("5\tfailed\tos_2.efi\tnew-code\ta\tb"), ["5 failed os_2.efi other a b"]);
});

test("any bytes are a list", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const { entryId, seconds } of parseFailures(bytes)) {
        assert.ok(!entryId.includes("/"));
        assert.ok(Number.isSafeInteger(seconds));
      }
    }),
  );
});
