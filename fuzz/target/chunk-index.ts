// The chunks of a file, as casync, desync and Holdfast name them.
import { deepEqual, ok } from "node:assert/strict";
import {
  chunkAt,
  chunkNumberAt,
  formatChunkIndex,
  indexedBytes,
  parseChunkIndex,
} from "../../src/format/chunk-index.ts";
import { decoded, type Target } from "../target.ts";

const seed = (lengths: readonly number[]): Uint8Array => {
  let end = 0;
  const ends = Float64Array.from(lengths, (length) => (end += length));
  const ids = new Uint8Array(lengths.length * 32).fill(0x5a);
  return formatChunkIndex({ digest: "sha512-256", sizes: { min: 64, avg: 256, max: 1024 }, ends, ids });
};

export const target: Target = {
  name: "chunk-index",
  covers: ["src/format/chunk-index.ts"],
  seeds: () => [seed([]), seed([300]), seed([1024, 64, 7])],
  run(bytes) {
    const index = decoded(() => parseChunkIndex(bytes));
    if (index === undefined) return;
    let end = 0;
    for (const number of index.ends.keys()) {
      const chunk = chunkAt(index, number);
      ok(chunk.offset === end && chunk.length > 0 && chunk.length <= index.sizes.max && chunk.id.length === 32);
      ok(chunkNumberAt(index, chunk.offset) === number);
      end += chunk.length;
    }
    ok(indexedBytes(index) === end);
    // All but the flags that say nothing about files is kept.
    const again = formatChunkIndex(index);
    again.set(bytes.subarray(16, 24), 16);
    deepEqual(again, Uint8Array.from(bytes));
  },
  mend(bytes) {
    const items = Math.max(0, Math.floor((bytes.length - 104) / 40));
    const mended = new Uint8Array(104 + items * 40);
    mended.set(bytes.subarray(0, mended.length));
    mended.set(seed([]).subarray(0, 24));
    mended.set(seed([]).subarray(48, 64), 48);
    mended.set(seed([]).subarray(64), 64 + items * 40);
    new DataView(mended.buffer).setBigUint64(64 + items * 40 + 24, BigInt(56 + items * 40), true);
    return mended;
  },
};
