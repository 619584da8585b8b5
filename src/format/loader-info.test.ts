import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loaderInfo, systemdBootVersion } from "./loader-info.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("the version of a systemd-boot, and nothing of another program", () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ["MZ....#### LoaderInfo: systemd-boot 257.7-1 ####....", "257.7-1"],
    ["MZ..######## LoaderInfo: systemd-boot 262~rc1 ####", "262~rc1"],
    ["MZ....#### LoaderInfo: systemd-stub 257 ####", undefined],
    ["MZ....#### LoaderInfo: systemd-boot ####", undefined],
    ["MZ....#### LoaderInfo: systemd-boot 257", undefined],
    ["", undefined],
  ];
  for (const [text, version] of table) assert.equal(systemdBootVersion(bytes(text)), version, text);
});

test("any bytes have a mark or none", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (any) => void loaderInfo(any)));
});
