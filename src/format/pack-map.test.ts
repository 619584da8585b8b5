import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { formatPackMap, type PackMap, parsePackMap } from "./pack-map.ts";

type Place = readonly [pack: number, offset: number, length: number];

const mapOf = (places: readonly Place[]): PackMap => ({
  packs: Uint32Array.from(places, ([pack]) => pack),
  offsets: Float64Array.from(places, ([, offset]) => offset),
  lengths: Uint32Array.from(places, ([, , length]) => length),
  checks: Uint8Array.from({ length: places.length * 8 }, (_, place) => place),
});

const magic = [...new TextEncoder().encode("HFPKMAP1")];
const parse = (...bytes: readonly number[]): PackMap => parsePackMap(Uint8Array.of(...magic, ...bytes));

test("chunks that follow one another need their lengths only", () => {
  const map = mapOf([
    [0, 0, 100],
    [0, 100, 5],
    [2, 300, 1],
    [2, 301, 63],
    [0, 0, 100],
  ]);
  const bytes = formatPackMap(map);
  assert.deepEqual(
    [...bytes],
    [...magic, 5, 0xc8, 1, 10, 3, 2, 0xac, 2, 126, 0xc9, 1, 0, 0, ...Array.from({ length: 40 }, (_, place) => place)],
  );
  assert.deepEqual(parsePackMap(bytes), map);
});

test("what is no map is refused", () => {
  for (const [why, bytes] of [
    ["no count", []],
    ["fewer chunks than it says", [2, 4]],
    ["a chunk without bytes", [1, 0]],
    ["something behind", [1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ["no checks", [1, 2]],
    ["half a check", [1, 2, 0, 0, 0, 0]],
    ["a number without end", [1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]],
    ["a number longer than it need be", [1, 0x82, 0]],
    ["a place that follows anyway", [1, 3, 0, 0]],
    ["a pack beyond the manifest's", [1, 3, 0xa0, 0x8d, 6, 0]],
    ["an offset beyond all", [1, 3, 1, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f]],
    ["a chunk of a gigabyte", [1, 0x80, 0x80, 0x80, 0x80, 8]],
    ["more chunks than allowed", [0x81, 0x89, 0x7a]],
  ] as const)
    assert.throws(() => parse(...bytes), { code: "pack-map-damaged" }, why);
  assert.throws(() => parsePackMap(new TextEncoder().encode("HFPKMAP2\0")), { code: "pack-map-damaged" });
  assert.deepEqual(parse(0), mapOf([]));
});

test("any map reads back as it was", () => {
  const place = fc.tuple(fc.nat(3), fc.oneof(fc.nat(1000), fc.nat(2 ** 50)), fc.integer({ min: 1, max: 1 << 27 }));
  fc.assert(
    fc.property(fc.array(place, { maxLength: 40 }), (places) => {
      const map = mapOf(places);
      assert.deepEqual(parsePackMap(formatPackMap(map)), map);
    }),
  );
});

test("any bytes decode to what is written again as the same bytes, or throw a Fault", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (tail) => {
      const bytes = Uint8Array.of(...magic, ...tail);
      try {
        assert.deepEqual(formatPackMap(parsePackMap(bytes)), bytes);
      } catch (error) {
        assert.ok(error instanceof Fault, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
