import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseSha256 } from "../../base/ids.ts";
import { Fault } from "../../base/fault.ts";
import type { ChunkIndex } from "../../format/chunk-index.ts";
import { formatPackMap, parsePackMap } from "../../format/pack-map.ts";
import { assembleChunks } from "./assemble-chunks.ts";
import { ChunkTable } from "./chunk-id.ts";
import { planChunks } from "./plan-chunks.ts";
import { type PackPiece, planRuns } from "./range-runs.ts";
import { inMemory, PackServer, randomBytes } from "./sample.fixture.ts";
import { Seed } from "./seed.ts";

const piece = (pack: number, offset: number, length: number): PackPiece => ({ pack, offset, length });

const planned = (pieces: readonly PackPiece[], requestsMax: number = 40): readonly string[] =>
  planRuns(pieces, requestsMax).runs.map(({ pack, offset, length }) => `${pack}: ${offset} to ${offset + length}`);

test("pieces that follow one another are one request, and small gaps are read over", () => {
  assert.deepEqual(planned([]), []);
  assert.deepEqual(planned([piece(0, 10, 5), piece(0, 15, 5)]), ["0: 10 to 20"]);
  assert.deepEqual(planned([piece(0, 0, 5), piece(0, 60_000, 5)]), ["0: 0 to 60005"]);
  assert.deepEqual(planned([piece(0, 0, 5), piece(0, 1_000_000, 5)]), ["0: 0 to 5", "0: 1000000 to 1000005"]);
});

test("gaps are larger where there would be too many requests", () => {
  const pieces = Array.from({ length: 100 }, (_, number) => piece(0, number * 200_000 + (number % 10) * 10, 1000));
  assert.equal(planned(pieces, 1000).length, 100);
  assert.equal(planned(pieces, 99).length, 1);
  const groups = pieces.map(({ offset }, number) => piece(0, offset + Math.floor(number / 20) * 5_000_000, 1000));
  assert.equal(planned(groups, 10).length, 5);
});

test("packs that take turns are read side by side, each from front to back", () => {
  const turns = Array.from({ length: 12 }, (_, number) => piece(number % 3, number * 100, 100));
  assert.equal(planned(turns).length, 3);
  // More than a few connections are not held open.
  const many = Array.from({ length: 12 }, (_, number) => piece(number % 6, number * 100, 100));
  assert.equal(planned(many).length, 12);
  assert.deepEqual(planned([piece(0, 500, 10), piece(0, 0, 10)]), ["0: 500 to 510", "0: 0 to 10"]);
});

test("whatever is asked for, its run has it, and its runs are read in order", () => {
  const any = fc.record({ pack: fc.nat(4), offset: fc.nat(1_000_000), length: fc.integer({ min: 1, max: 9999 }) });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 60 }), fc.integer({ min: 1, max: 50 }), (pieces, requestsMax) => {
      const { runs, runOf, bytes } = planRuns(pieces, requestsMax);
      const ends = runs.map(({ offset }) => offset);
      for (const [number, { pack, offset, length }] of pieces.entries()) {
        const run = runs[runOf[number] ?? -1];
        assert.ok(run?.pack === pack && offset + length <= run.offset + run.length);
        assert.ok(offset >= (ends[runOf[number] ?? -1] ?? 0));
        ends[runOf[number] ?? -1] = offset + length;
      }
      assert.deepEqual(
        ends,
        runs.map(({ offset, length }) => offset + length),
      );
      assert.equal(
        bytes,
        runs.reduce((sum, { length }) => sum + length, 0),
      );
    }),
  );
});

const pack = (sizeBytes: number): { name: string; sizeBytes: number; sha256: ReturnType<typeof parseSha256> } => ({
  name: "a.pack",
  sizeBytes,
  sha256: parseSha256("0".repeat(64)),
});

const oneChunk = (length: number): ChunkIndex => ({
  digest: "sha256",
  sizes: { min: 1 << 20, avg: 4 << 20, max: 64 << 20 },
  ends: Float64Array.of(length),
  ids: new Uint8Array(32),
});

const mapOf = (packNumber: number, offset: number, length: number): Parameters<typeof formatPackMap>[0] => ({
  packs: Uint32Array.of(packNumber),
  offsets: Float64Array.of(offset),
  lengths: Uint32Array.of(length),
  checks: new Uint8Array(8),
});

test("a map that does not fit the index or the packs is refused", () => {
  const plan = (map: ReturnType<typeof mapOf>, index: ChunkIndex = oneChunk(1000)): void =>
    void planChunks({ index, supply: { kind: "packs", map, packs: [pack(5000)] }, seeds: [] });
  plan(mapOf(0, 4000, 1000));
  for (const map of [mapOf(1, 0, 10), mapOf(0, 4000, 1001), mapOf(0, 0, 3000)])
    assert.throws(() => plan(map), { code: "pack-map-unfit" });
  assert.throws(() => plan({ ...mapOf(0, 0, 10), packs: new Uint32Array(2) }), { code: "pack-map-unfit" });
});

test("chunks that nobody should hold in memory are refused, with a way out", () => {
  const index = oneChunk((16 << 20) + 1);
  assert.throws(
    () => planChunks({ index, supply: { kind: "store", read: async () => undefined }, seeds: [] }),
    (error: unknown) => error instanceof Fault && error.code === "chunk-too-large" && error.hint !== undefined,
  );
});

test("a seed of another digest is no seed, and one with a cut index is", async () => {
  const server = new PackServer();
  const bytes = randomBytes(1, 50_000);
  const { index, map, packs } = await server.publish(bytes);
  const supply = { kind: "packs", map, packs } as const;
  const other = new Seed(inMemory(bytes), { ...index, digest: "sha256" });
  assert.equal(planChunks({ index, supply, seeds: [other] }).seedBytes, 0);
  const half = new Seed(inMemory(bytes), { ...index, ends: index.ends.slice(0, 20), ids: index.ids.slice(0, 640) });
  assert.equal(planChunks({ index, supply, seeds: [half] }).seedBytes, index.ends[19]);
});

test("ids that begin alike are told apart", () => {
  const ids = new Uint8Array(4 * 32);
  for (const number of [0, 1, 2]) ids[number * 32 + 31] = number;
  const table = new ChunkTable({ ...oneChunk(0), ends: Float64Array.of(10, 20, 30, 40), ids });
  const id = (last: number): Uint8Array => new Uint8Array(32).fill(last, 31);
  assert.deepEqual(
    [0, 1, 2, 3].map((last) => table.find(id(last), 10)),
    [0, 1, 2, undefined],
  );
  assert.equal(table.find(id(1), 11), undefined);
});

test("whatever a map says, bytes are right or refused", async () => {
  const server = new PackServer();
  const bytes = randomBytes(3, 40_000);
  const { index, map, packs } = await server.publish(bytes);
  const good = formatPackMap(map);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 3 }), async (changes) => {
      const changed = Uint8Array.from(good);
      for (const [at, value] of changes) changed[at] = value;
      const got: Buffer[] = [];
      try {
        const plan = planChunks({ index, supply: { kind: "packs", map: parsePackMap(changed), packs }, seeds: [] });
        for await (const part of assembleChunks(plan, server)) got.push(Buffer.from(part));
        assert.equal(Buffer.concat(got).length, bytes.length);
      } catch (error) {
        assert.ok(error instanceof Fault, String(error));
      }
      const whole = Buffer.concat(got);
      assert.ok(whole.equals(bytes.subarray(0, whole.length)));
    }),
    { numRuns: 200 },
  );
});
