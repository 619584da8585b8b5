import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concatenate } from "../base/bytes.ts";
import { Fault } from "../base/fault.ts";
import { SeededRandom } from "../base/random.ts";
import { applyDelta, type DeltaApplication } from "./apply-delta.ts";
import { applied, deltaBetween, inMemory, named, opened, served } from "./delta.fixture.ts";
import { makeDelta } from "./make-delta.ts";
import { openDelta } from "./open-delta.ts";
import { rebuildGroup } from "./rebuild-group.ts";

type Rebuild = NonNullable<DeltaApplication["rebuild"]>;

/** Bytes that compress by a half. */
function noise(seed: number, length: number): Uint8Array {
  const random = new SeededRandom(seed);
  return Uint8Array.from({ length }, () => random.below(16) * 3);
}

const old = noise(1, 600_000);
const target = concatenate([
  noise(2, 5000),
  old.subarray(0, 250_000),
  noise(3, 20_000),
  old.subarray(255_000, 500_000).map((byte, index) => (index % 9000 === 0 ? byte ^ 255 : byte)),
]);
const sample = await deltaBetween(old, target);

test("a file comes out of an older one byte for byte, and costs what is new in it", async () => {
  assert.deepEqual(await applied(sample, old), target);
  assert.ok(sample.bytes.length < 18_000, `${sample.bytes.length} bytes for 25,000 that compress by half`);
  assert.equal(sample.made.sizeBytes, sample.bytes.length);
});

test("the same files make the same delta", async () => {
  assert.deepEqual((await deltaBetween(old, target)).bytes, sample.bytes);
});

test("sections lie in a spool until the head is written, and the delta is the same", async () => {
  const spooled: Uint8Array[] = [];
  const written: Uint8Array[] = [];
  const spool = {
    write: async (_offset: number, bytes: Uint8Array) => void spooled.push(bytes),
    read: (offset: number, into: Uint8Array) => inMemory(concatenate(spooled)).read(offset, into),
  };
  const write = async (bytes: Uint8Array): Promise<void> => void written.push(bytes);
  await makeDelta({ old: inMemory(old), target: inMemory(target), write, spool });
  assert.deepEqual(concatenate(written), sample.bytes);
  assert.deepEqual(concatenate(spooled), sample.bytes.subarray(sample.delta.head.sizeBytes));
});

test("a spool that is full ends the making, and nothing is written any more", async () => {
  const spool = { write: () => Promise.reject(new Error("full")), read: async () => 0 };
  const write = (): Promise<never> => assert.fail("a part of a delta was written");
  await assert.rejects(makeDelta({ old: inMemory(old), target: inMemory(target), write, spool }), { message: "full" });
});

test("one request is enough, and none is made where all that is left is copied", async () => {
  const requests: string[] = [];
  await applied(sample, old, 0, requests);
  const { head, sizeBytes } = sample.delta;
  assert.deepEqual(requests, [`${head.sizeBytes}+${sizeBytes - head.sizeBytes}`]);
  const same = await deltaBetween(old, old);
  requests.length = 0;
  assert.deepEqual(await applied(same, old, 0, requests), old);
  assert.deepEqual(requests, []);
});

test("it goes on at any byte", async () => {
  for (const fromByte of [0, 1, 4999, 5000, 300_000, target.length - 1, target.length])
    assert.deepEqual(await applied(sample, old, fromByte), target.subarray(fromByte));
});

test("any two files make a delta that makes the second of the first", async () => {
  const bytes = fc.uint8Array({ maxLength: 3000, size: "max" });
  await fc.assert(
    fc.asyncProperty(bytes, bytes, fc.nat(3000), async (left, right, fromByte) => {
      const changed = concatenate([right.subarray(0, 100), left, right]);
      assert.deepEqual(await applied(await deltaBetween(left, changed), left, fromByte), changed.subarray(fromByte));
    }),
    { numRuns: 60 },
  );
});

test("bytes that begin like a trained dictionary are drawn upon all the same", async () => {
  const trap = concatenate([Uint8Array.of(0x37, 0xa4, 0x30, 0xec), noise(5, 9000)]);
  const longer = concatenate([trap.subarray(0, 4), trap.subarray(4).map((byte, index) => (index === 50 ? 1 : byte))]);
  const between = await deltaBetween(trap, longer);
  assert.deepEqual(await applied(between, trap), longer);
  assert.ok(between.bytes.length < 1000, `${between.bytes.length} bytes`);
});

test("a flipped byte anywhere in a section is refused before anybody decompresses it", async () => {
  for (const at of [sample.delta.head.sizeBytes, sample.bytes.length - 1]) {
    const bytes = sample.bytes.with(at, (sample.bytes[at] as number) ^ 1);
    const rebuild = (): Promise<Uint8Array> => assert.fail("what was not proven was decompressed");
    const flow = applyDelta({ plan: opened(sample), old: inMemory(old), fetch: served(bytes), rebuild, fromByte: 0 });
    await assert.rejects(async () => void (await flow.next()), { code: "delta-section" });
  }
});

test("a server that ends early is an error that may be tried again", async () => {
  const plan = opened(sample);
  const fetch = served(sample.bytes.subarray(0, sample.bytes.length - 10));
  const flow = applyDelta({ plan, old: inMemory(old), fetch, fromByte: 0 });
  await assert.rejects(async () => void (await flow.next()), { code: "delta-cut", retriable: true });
});

test("what came before a section that is refused is handed out", async () => {
  const far = concatenate([noise(11, 4 << 20), noise(12, 1 << 20)]);
  const two = await deltaBetween(old, far);
  assert.equal(opened(two).recipe.groups.length, 2);
  const bytes = two.bytes.with(two.bytes.length - 1, (two.bytes.at(-1) as number) ^ 1);
  const flow = applyDelta({ plan: opened(two), old: inMemory(old), fetch: served(bytes), fromByte: 0 });
  let count = 0;
  await assert.rejects(
    async () => {
      for await (const part of flow) count += part.length;
    },
    { code: "delta-section" },
  );
  assert.ok(count > 2 << 20, `${count} bytes`);
});

test("while one group is taken two more are begun, and none before it is needed", async () => {
  const far = new Uint8Array(10 << 20).map((_, at) => (at >>> 9) * 31);
  const four = await deltaBetween(old, far);
  const begun: number[] = [];
  const plan = opened(four);
  const rebuild: Rebuild = async (group, input) => {
    begun.push(begun.length);
    const { old: references, section } = await input();
    return rebuildGroup(group, plan.recipe.encoders, references, section);
  };
  const flow = applyDelta({ plan, old: inMemory(old), fetch: served(four.bytes), rebuild, fromByte: 0 });
  const counts: number[] = [];
  let at = 0;
  for await (const part of flow) {
    assert.equal(Buffer.compare(part, far.subarray(at, at + part.length)), 0);
    at += part.length;
    counts.push(begun.length);
  }
  assert.equal(at, far.length);
  assert.deepEqual([counts[0], counts.at(-1), plan.recipe.groups.length], [3, 4, 4]);
});

test("old bytes that lie one behind the other are read in one piece", async () => {
  const whole = inMemory(old);
  let reads = 0;
  const read = (offset: number, into: Uint8Array): Promise<number> => {
    reads += 1;
    return whole.read(offset, into);
  };
  const plan = opened(sample);
  for await (const _ of applyDelta({ plan, old: { ...whole, read }, fetch: served(sample.bytes), fromByte: 0 }));
  const references = plan.recipe.groups.reduce((sum, group) => sum + group.references.length, 0);
  assert.ok(reads < references / 2, `${reads} reads for ${references} references and what is copied`);
});

test("an old file with other bytes is noticed by the section that draws upon it, and a shorter one at once", async () => {
  const spoiled = old.map((byte) => byte ^ 64);
  await assert.rejects(applied(sample, spoiled), { code: "delta-section" });
  await assert.rejects(applied(sample, old.subarray(1)), { code: "delta-old-short" });
});

test("a head that was changed, or that does not fit to what its manifest says, is refused", () => {
  const { delta, bytes } = sample;
  const size = delta.head.sizeBytes;
  const head = bytes.subarray(0, size);
  const refused = { code: "delta-damaged" };
  assert.throws(() => openDelta(head.with(20, (head[20] as number) ^ 1), delta), refused);
  assert.throws(() => openDelta(head.subarray(1), delta), refused);
  assert.throws(() => openDelta(head, { ...delta, sizeBytes: delta.sizeBytes + 1 }), refused);
  const other = { ...delta, from: { ...delta.from, sizeBytes: 1 } };
  assert.throws(() => openDelta(head, other), refused);
});

test("any head that was signed for is a plan or a Fault", async () => {
  const head = sample.bytes.subarray(0, sample.delta.head.sizeBytes);
  const changed = fc.tuple(fc.nat(head.length - 1), fc.nat(255)).map(([at, byte]) => head.with(at, byte));
  await fc.assert(
    fc.asyncProperty(fc.oneof(changed, fc.uint8Array()), async (bytes) => {
      const file = concatenate([bytes, sample.bytes.subarray(head.length)]);
      try {
        const made = await applied({ bytes: file, delta: named(file, bytes.length, old, sample.made) }, old);
        assert.equal(made.length, target.length);
      } catch (error) {
        assert.ok(error instanceof Fault, String(error));
      }
    }),
    { numRuns: 300 },
  );
});
