// Where the chunks of a release lie in its packs.
import { deepEqual, ok } from "node:assert/strict";
import { formatPackMap, packCheckBytes, parsePackMap } from "../../src/format/pack-map.ts";
import { decoded, type Target } from "../target.ts";

const seed = (places: readonly (readonly [number, number, number])[]): Uint8Array =>
  formatPackMap({
    packs: Uint32Array.from(places, ([pack]) => pack),
    offsets: Float64Array.from(places, ([, offset]) => offset),
    lengths: Uint32Array.from(places, ([, , length]) => length),
    checks: new Uint8Array(places.length * packCheckBytes).fill(0x2a),
  });

export const target: Target = {
  name: "pack-map",
  covers: ["src/format/pack-map.ts"],
  seeds: () => [
    seed([]),
    seed([
      [0, 0, 40_000],
      [0, 40_000, 70_000],
      [3, 5_000_000_000, 1],
      [0, 0, 40_000],
    ]),
  ],
  run(bytes) {
    const map = decoded(() => parsePackMap(bytes));
    if (map === undefined) return;
    ok(map.lengths.every((length) => length > 0) && map.offsets.every(Number.isSafeInteger));
    deepEqual(formatPackMap(map), Uint8Array.from(bytes));
  },
};
