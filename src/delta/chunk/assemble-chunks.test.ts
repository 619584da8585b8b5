import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../../base/fault.ts";
import { chunkAt, type ChunkIndex } from "../../format/chunk-index.ts";
import type { LocalBytes } from "../reader.ts";
import { assembleChunks, bringChunks, type ChunkIo } from "./assemble-chunks.ts";
import { cutFile } from "./cut-file.ts";
import type { PackedChunks } from "./pack-chunks.ts";
import { type ChunkPlan, planChunks, type PlanChunksOptions } from "./plan-chunks.ts";
import { copyOf, inMemory, PackServer, randomBytes, smallSizes } from "./sample.fixture.ts";
import { Seed, wrongChunks } from "./seed.ts";
import { chunkPath, compressChunk, decompressHere } from "./stored-chunk.ts";

async function bytesOf(plan: ChunkPlan, io: ChunkIo): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(assembleChunks(plan, io), (bytes) => bytes.slice()));
}

const planFor = ({ index, map, packs }: PackedChunks, more: Partial<PlanChunksOptions> = {}): ChunkPlan =>
  planChunks({ index, supply: { kind: "packs", map, packs }, seeds: [], ...more });

/** Release 2 is release 1 with a stretch replaced, one put in, and one taken away. */
const first = randomBytes(1, 300_000);
const second = Buffer.concat([
  first.subarray(0, 50_000),
  randomBytes(2, 20_000),
  first.subarray(70_000, 150_000),
  randomBytes(3, 5000),
  first.subarray(150_000, 200_000),
  first.subarray(230_000),
]);

async function twoReleases(): Promise<{
  readonly server: PackServer;
  readonly one: PackedChunks;
  readonly two: PackedChunks;
}> {
  const server = new PackServer();
  return { server, one: await server.publish(first), two: await server.publish(second) };
}

test("without seeds a file comes in one request, from each of its bytes on", async () => {
  const server = new PackServer();
  const one = await server.publish(first);
  for (const fromByte of [0, 1, 256, 99_999, 299_999, 300_000, 400_000]) {
    server.requests.length = 0;
    const plan = planFor(one, { fromByte });
    assert.ok((await bytesOf(plan, server)).equals(first.subarray(fromByte)), String(fromByte));
    assert.equal(server.requests.length, fromByte < 300_000 ? 1 : 0);
    assert.equal(plan.requests, server.requests.length);
    assert.equal(plan.fetchBytes, server.requests[0]?.length ?? 0);
  }
  assert.equal(server.brokenOff, 0);
});

test("with the release before, only what is new comes, in one request for its pack", async () => {
  const { server, one, two } = await twoReleases();
  const seed = inMemory(first);
  const plan = planFor(two, { seeds: [new Seed(seed, one.index)] });
  assert.deepEqual([plan.requests, plan.fetchBytes], [1, server.files.get("chunks/2-1.pack")?.length]);
  assert.ok(plan.fetchBytes < 40_000 && plan.seedBytes + plan.fetchBytes > 270_000, String(plan.fetchBytes));
  assert.ok((await bytesOf(plan, server)).equals(second));
  assert.equal(server.requests.length, 1);
  // Chunks that lie together are read together.
  assert.ok(seed.reads.length < 8, String(seed.reads.length));
});

test("a file that nobody has indexed serves as a seed once it is cut", async () => {
  const { server, two } = await twoReleases();
  const part = Buffer.concat([randomBytes(9, 1234), second.subarray(0, 120_000)]);
  const seed = new Seed(inMemory(part), await cutFile(inMemory(part), { sizes: smallSizes }));
  const plan = planFor(two, { seeds: [seed] });
  assert.ok(plan.seedBytes > 110_000, String(plan.seedBytes));
  assert.ok((await bytesOf(plan, server)).equals(second));
});

test("a damaged seed costs its damaged chunks, and is remembered", async () => {
  const { server, one, two } = await twoReleases();
  const damaged = Uint8Array.from(first);
  damaged[10_000] = (damaged[10_000] ?? 0) ^ 1;
  const seed = new Seed(inMemory(damaged), one.index);
  const plan = planFor(two, { seeds: [seed] });
  let noticed = 0;
  const io = { fetch: server.fetch, onDamagedSeed: () => (noticed += 1) };
  assert.ok((await bytesOf(plan, io)).equals(second));
  assert.deepEqual([noticed, seed.damaged.size, server.requests.length], [1, 1, 2]);
  const extra = server.requests.reduce((sum, { length }) => sum + length, 0) - plan.fetchBytes;
  assert.ok(extra > 0 && extra <= 4096 + 100, String(extra));
  // The next plan knows.
  const next = planFor(two, { seeds: [seed] });
  assert.equal(next.fetchBytes - plan.fetchBytes, extra);
  assert.equal(server.brokenOff, 0);
});

test("another seed stands in for a damaged one before anything is fetched", async () => {
  const { server, one, two } = await twoReleases();
  const damaged = first.map((byte, place) => (place === 9000 || place === 250_000 ? byte ^ 1 : byte));
  const seeds = [new Seed(inMemory(damaged), one.index), new Seed(inMemory(first), one.index)];
  assert.ok((await bytesOf(planFor(two, { seeds }), server)).equals(second));
  assert.equal(server.requests.length, 1);
});

test("a seed that is damaged everywhere costs few requests", async () => {
  const server = new PackServer();
  const image = randomBytes(4, 8 << 20);
  const one = await server.publish(image, {}, { min: 4096, avg: 16_384, max: 65_536 });
  for (const [bytes, most] of [
    [new Uint8Array(image.length), 4],
    [image.subarray(0, 1000), 4],
    [image.map((byte, place) => (place % 70_000 === 0 ? byte ^ 1 : byte)), 8],
  ] as const) {
    server.requests.length = 0;
    const seed = new Seed(inMemory(bytes), one.index);
    assert.ok((await bytesOf(planFor(one, { seeds: [seed] }), server)).equals(image));
    // Three places where it turns out damaged, and then all the rest at once.
    assert.ok(server.requests.length <= most, String(server.requests.length));
  }
});

test("a seed that cannot be read at some place serves with the rest of it", async () => {
  const { server, one, two } = await twoReleases();
  const whole = inMemory(first);
  const failing: LocalBytes = {
    size: async () => first.length,
    async read(offset, into) {
      if (offset < 100_000 && offset + into.length > 100_000)
        throw new Fault("io-error", "Cannot read: it is worn out");
      return whole.read(offset, into);
    },
  };
  const seed = new Seed(failing, one.index);
  assert.ok((await bytesOf(planFor(two, { seeds: [seed] }), server)).equals(second));
  assert.equal(seed.damaged.size, 1);
});

test("a chunk that comes several times is fetched once", async () => {
  const server = new PackServer();
  const part = randomBytes(5, 20_000);
  const image = Buffer.concat([part, new Uint8Array(50_000), part, randomBytes(6, 9000), part, new Uint8Array(50_000)]);
  const one = await server.publish(image);
  assert.ok((server.files.get("chunks/1-1.pack")?.length ?? 0) < 40_000);
  const plan = planFor(one);
  assert.ok(plan.fetchBytes < 40_000);
  assert.ok((await bytesOf(plan, server)).equals(image));
  assert.equal(server.requests.length, 1);
});

test("what a server or a pack gets wrong is noticed before it is used", async () => {
  const { server, one, two } = await twoReleases();
  const pack = Buffer.from(server.files.get("chunks/2-1.pack") ?? "");
  // A stranger's bytes do not come as far as the decompressor.
  let strange = 0;
  const decompress = (stored: Uint8Array, length: number): Uint8Array => {
    if (!pack.includes(stored)) strange += 1;
    return decompressHere(stored, length);
  };
  const refused = async (plan: ChunkPlan, code: string): Promise<void> => {
    let at = plan.fromByte ?? 0;
    await assert.rejects(
      (async () => {
        for await (const bytes of assembleChunks(plan, { fetch: server.fetch, decompress })) {
          assert.ok(second.subarray(at, at + bytes.length).equals(bytes));
          at += bytes.length;
        }
      })(),
      { code },
    );
    assert.equal(strange, 0);
  };
  const plan = planFor(two, { seeds: [new Seed(inMemory(first), one.index)] });
  const set = (bytes: Uint8Array): unknown => server.files.set("chunks/2-1.pack", bytes);
  set(pack.map((byte, place) => (place === 9000 ? byte ^ 1 : byte)));
  await refused(plan, "chunk-damaged");
  set(pack.subarray(0, 9000));
  await refused(plan, "pack-cut");
  set(new Uint8Array(pack.length));
  await refused(plan, "chunk-damaged");
  // A frame of another chunk that is intact.
  const { map } = two;
  const fetched = [...plan.origins.keys()].filter((number) => plan.origins[number]?.kind === "fetch");
  const [a = 0, b = 0] = fetched;
  set(pack);
  const offsets = map.offsets.slice();
  const lengths = map.lengths.slice();
  [offsets[a], lengths[a]] = [offsets[b] ?? 0, lengths[b] ?? 0];
  await refused(
    planChunks({ ...plan, supply: { kind: "packs", map: { ...map, offsets, lengths }, packs: two.packs } }),
    "chunk-damaged",
  );
});

test("a store of one file a chunk serves too: zstd, gzip, or as it is", async () => {
  const { one, two } = await twoReleases();
  const files = new Map<string, Uint8Array>();
  for (const number of two.index.ends.keys()) {
    const { id, offset, length } = chunkAt(two.index, number);
    const bytes = second.subarray(offset, offset + length);
    if (number % 3 === 0) files.set(chunkPath(id), await compressChunk(bytes));
    else if (number % 3 === 1) files.set(chunkPath(id), gzipSync(bytes));
    else files.set(chunkPath(id).replace(".cacnk", ""), bytes);
  }
  let most = 0;
  let now = 0;
  const read = async (path: string, bytesMax: number): Promise<Uint8Array | undefined> => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    const found = files.get(path);
    assert.ok((found?.length ?? 0) <= bytesMax);
    return found;
  };
  const plan = planChunks({
    index: two.index,
    supply: { kind: "store", read },
    seeds: [new Seed(inMemory(first), one.index)],
  });
  const io: ChunkIo = { fetch: () => assert.fail("nothing is fetched from packs") };
  assert.ok((await bytesOf(plan, io)).equals(second));
  assert.equal(plan.requests, plan.origins.filter((origin) => origin?.kind === "fetch").length);
  assert.ok(most > 1 && most <= 6, String(most));

  const number = plan.origins.findIndex((origin) => origin?.kind === "fetch");
  const path = chunkPath(chunkAt(two.index, number).id);
  for (const [stored, code] of [
    [Buffer.from("fd377a585a000000", "hex"), "chunk-compression"],
    [Buffer.from("hello"), "chunk-compression"],
    [new Uint8Array(0), "chunk-compression"],
    [Buffer.from("28b52ffd00", "hex"), "chunk-damaged"],
    [await compressChunk(new Uint8Array(4 << 20)), "chunk-damaged"],
    [await compressChunk(second.subarray(0, 100)), "chunk-damaged"],
  ] as const) {
    files.set(path, stored);
    await assert.rejects(bytesOf(plan, io), { code }, stored.toString());
  }
  const xz = {
    ...io,
    decompress: (): Uint8Array => second.subarray(chunkAt(two.index, number).offset, two.index.ends[number]),
  };
  files.set(path, Buffer.from("fd377a585a000000", "hex"));
  const only = new Set([number]);
  assert.equal((await Array.fromAsync(bringChunks(planChunks({ ...plan, only }), xz))).length, 1);
  files.delete(path);
  files.delete(path.replace(".cacnk", ""));
  await assert.rejects(bytesOf(plan, io), { code: "chunk-missing" });
});

test("a damaged image is repaired by its damaged chunks alone", async () => {
  const { server, two } = await twoReleases();
  const damaged = Uint8Array.from(second);
  for (const at of [0, 120_000, 120_001, second.length - 1]) damaged[at] = (damaged[at] ?? 0) ^ 0x80;
  const image = inMemory(damaged);
  const wrong = await wrongChunks(image, two.index);
  assert.equal(wrong.length, 3);
  const plan = planFor(two, { only: new Set(wrong) });
  assert.equal(plan.origins.filter((origin) => origin !== undefined).length, 3);
  for await (const { offset, bytes } of bringChunks(plan, server)) damaged.set(bytes, offset);
  assert.ok(second.equals(damaged));
  assert.deepEqual(await wrongChunks(image, two.index), []);
});

test("the repaired image may be made beside the damaged one, which is its own seed", async () => {
  const { server, two } = await twoReleases();
  const damaged = second.subarray(0, 200_000).map((byte, place) => (place === 77 ? byte ^ 1 : byte));
  const image = inMemory(damaged);
  const wrong = await wrongChunks(image, two.index);
  const plan = planFor(two, { seeds: [new Seed(image, two.index, wrong)] });
  assert.ok((await bytesOf(plan, server)).equals(second));
  assert.equal(server.requests.length, plan.requests);
});

test("a signal ends the assembly and what it fetches", async () => {
  const server = new PackServer();
  const one = await server.publish(first);
  const controller = new AbortController();
  const parts = assembleChunks(planFor(one), { fetch: server.fetch, signal: controller.signal });
  await parts.next();
  controller.abort();
  await assert.rejects(parts.next(), { name: "AbortError" });
  assert.equal(server.brokenOff, 1);
});

test("an index that lies about chunks ends in a Fault, not in wrong bytes", async () => {
  const { server, one, two } = await twoReleases();
  const index: ChunkIndex = copyOf(two.index);
  index.ids.fill(7, 32, 64);
  const seeds = [new Seed(inMemory(first), one.index)];
  const supply = { kind: "packs", map: two.map, packs: two.packs } as const;
  await assert.rejects(bytesOf(planChunks({ index, supply, seeds }), server), { code: "chunk-damaged" });
});

test("whatever is changed, and whatever seeds there are, the same bytes come out", async () => {
  const edit = fc.record({ at: fc.nat(60_000), cut: fc.nat(3000), put: fc.nat(3000), seed: fc.nat(5) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(edit, { maxLength: 4 }),
      fc.array(fc.nat(60_000), { maxLength: 3 }),
      fc.nat(70_000),
      async (edits, flips, fromByte) => {
        const old = Buffer.from(first.subarray(0, 60_000));
        const image = edits.reduce<Buffer>(
          (bytes, { at, cut, put, seed }) =>
            Buffer.concat([bytes.subarray(0, at), randomBytes(seed, put), bytes.subarray(at + cut)]),
          old,
        );
        const server = new PackServer();
        const one = await server.publish(old);
        const two = await server.publish(image);
        const worn = Buffer.from(old);
        for (const at of flips) worn[at] = (worn[at] ?? 0) ^ 1;
        const plan = planFor(two, { seeds: [new Seed(inMemory(worn), one.index)], fromByte });
        assert.ok((await bytesOf(plan, server)).equals(image.subarray(fromByte)));
      },
    ),
    { numRuns: 40 },
  );
});
