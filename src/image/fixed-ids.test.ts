import assert from "node:assert/strict";
import { test } from "node:test";
import { fixedHex, fixedUuid } from "./fixed-ids.ts";

test("Identifiers are the same for the same text, in every build ever", () => {
  assert.equal(fixedUuid("os 1 usr"), fixedUuid("os 1 usr"));
  assert.match(fixedUuid("os 1 usr"), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.match(fixedHex("os 1 salt"), /^[0-9a-f]{64}$/);
});

test("Identifiers of ten thousand versions differ in each half", () => {
  const hexes = Array.from({ length: 10_000 }, (_, version) => fixedHex(`os ${version} usr`));
  for (const part of [(hex: string) => hex.slice(0, 32), (hex: string) => hex.slice(32)])
    assert.equal(new Set(hexes.map(part)).size, hexes.length);
});
