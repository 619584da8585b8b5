import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { chunkAt } from "../../format/chunk-index.ts";
import { DiskTree } from "../../sim/disk/disk-tree.ts";
import { SimDisk } from "../../sim/disk/sim-disk.ts";
import { ChunkStore } from "./chunk-store.ts";
import { PackServer, randomBytes } from "./sample.fixture.ts";
import { chunkPath, storedBytesMax } from "./stored-chunk.ts";

const first = randomBytes(1, 100_000);
const second = Buffer.concat([first.subarray(0, 40_000), randomBytes(2, 10_000), first.subarray(40_000)]);

const emptyDisk = (): SimDisk => new SimDisk(DiskTree.make([{ mountPoint: "/", type: "ext4", sizeBytes: 1e9 }]));

test("a pack has each new chunk once, in the order of the image", async () => {
  const server = new PackServer();
  const image = Buffer.concat([first, first.subarray(20_000, 60_000)]);
  const { index, map, packs } = await server.publish(image);
  const pack = server.files.get("chunks/1-1.pack") ?? new Uint8Array(0);
  assert.deepEqual(packs, [
    {
      name: "chunks/1-1.pack",
      sizeBytes: pack.length,
      sha256: createHash("sha256").update(pack).digest("hex"),
    },
  ]);
  let end = 0;
  for (const number of index.ends.keys()) {
    const [offset = 0, length = 0] = [map.offsets[number], map.lengths[number]];
    assert.ok(offset <= end);
    end = Math.max(end, offset + length);
    const chunk = chunkAt(index, number);
    assert.deepEqual(
      zstdDecompressSync(pack.subarray(offset, offset + length)),
      image.subarray(chunk.offset, chunk.offset + chunk.length),
    );
  }
  assert.equal(end, pack.length);
  assert.ok(pack.length < 115_000, String(pack.length));
});

test("a release adds what is new; one that has nothing new adds no pack", async () => {
  const server = new PackServer();
  await server.publish(first);
  const two = await server.publish(second);
  assert.deepEqual(
    two.packs.map(({ name }) => name),
    ["chunks/1-1.pack", "chunks/2-1.pack"],
  );
  assert.ok((server.files.get("chunks/2-1.pack")?.length ?? 0) < 20_000);
  const three = await server.publish(first);
  assert.deepEqual([three.packs.map(({ name }) => name), server.files.size], [["chunks/1-1.pack"], 2]);
});

test("a pack that is full is followed by another one", async () => {
  const server = new PackServer();
  const { packs } = await server.publish(first, { packBytesMax: 30_000 });
  assert.deepEqual(
    packs.map(({ name }) => name),
    ["chunks/1-1.pack", "chunks/1-2.pack", "chunks/1-3.pack", "chunks/1-4.pack"],
  );
  assert.ok(packs.every(({ sizeBytes }) => sizeBytes < 30_000 + 5000));
});

test("the store gets what it has not, and intact files in place of damaged ones", async () => {
  const disk = emptyDisk();
  await disk.makeFolder("/store");
  const store = (): ChunkStore => new ChunkStore(disk, "/store", "sha512-256");
  const server = new PackServer();
  const written = store();
  const one = await server.publish(first, { store: written });
  await written.flush();
  const chunks = [...one.index.ends.keys()].map((number) => chunkAt(one.index, number));
  for (const chunk of chunks) assert.ok(await store().has(chunk));
  for (const { name } of await disk.list("/store"))
    for (const file of await disk.list(`/store/${name}`))
      assert.match(file.name, new RegExp(`^${name}[0-9a-f]{60}\\.cacnk$`));

  const [a, b, c, d] = chunks;
  assert.ok(a !== undefined && b !== undefined && c !== undefined && d !== undefined);
  const place = (id: Uint8Array): string => `/store/${chunkPath(id)}`;
  const change = async (id: Uint8Array, change: (size: number) => Promise<[number, Uint8Array]>): Promise<void> => {
    await using file = await disk.open(place(id), "modify");
    const [size, bytes] = await change(await file.size());
    await file.truncate(size);
    await file.write(0, bytes);
  };
  // As a crash leaves it where nobody flushes.
  await change(a.id, async () => [0, new Uint8Array(0)]);
  await change(b.id, async (size) => [size, Uint8Array.of(1)]);
  await change(c.id, async (size) => [size, new Uint8Array(storedBytesMax(c.length) + 1)]);
  await disk.remove(place(d.id));
  for (const chunk of [a, b, c, d]) assert.ok(!(await store().has(chunk)));
  // Left behind by a publisher that was killed.
  await (
    await disk.open(
      place(d.id).replace(/[^/]*$/, (name) => `.${name.replace(".cacnk", "")}`),
      "create",
    )
  )[Symbol.asyncDispose]();

  const mended = store();
  let done = 0;
  await server.publish(first, { store: mended, onBytes: (bytes) => (done = bytes) });
  await mended.flush();
  for (const chunk of chunks) assert.ok(await store().has(chunk));
  assert.deepEqual([done, server.files.size], [first.length, 1]);
});

test("chunks that a publisher who was killed left are durable once the next one has flushed", async () => {
  const tree = DiskTree.make([{ mountPoint: "/", type: "ext4", sizeBytes: 1e9 }]);
  const disk = new SimDisk(tree);
  await disk.makeFolder("/store");
  await disk.syncFolder("/");
  await new PackServer().publish(first, { store: new ChunkStore(disk, "/store", "sha512-256") });
  const undecided = (): number => tree.crashDimensions().filter(({ options }) => options.length > 1).length;
  assert.ok(undecided() > 0);
  const store = new ChunkStore(disk, "/store", "sha512-256");
  await new PackServer().publish(first, { store });
  await store.flush();
  assert.equal(undecided(), 0);
});

test("a disk that returns other bytes than were written is not taken for a store", async () => {
  const disk = emptyDisk();
  await disk.makeFolder("/store");
  const store = new ChunkStore(
    new Proxy(disk, {
      get(target, name) {
        if (name !== "open") return Reflect.get(target, name).bind(target);
        return async (path: string, mode: "medium" | "create") => {
          const file = await target.open(path, mode);
          if (mode !== "medium") return file;
          return Object.assign(file, { read: async (_: number, into: Uint8Array) => into.length });
        };
      },
    }),
    "/store",
    "sha512-256",
  );
  await assert.rejects(new PackServer().publish(first, { store }), { code: "write-failed" });
});

test("nothing is written to the store any more once packing has failed", async () => {
  const disk = emptyDisk();
  await disk.makeFolder("/store");
  let running = 0;
  const store = new (class extends ChunkStore {
    override async write(id: Uint8Array, stored: Uint8Array): Promise<void> {
      running += 1;
      await new Promise((resolve) => setImmediate(resolve));
      await super.write(id, stored);
      running -= 1;
    }
  })(disk, "/store", "sha512-256");
  const newPack = async (): Promise<never> => {
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error("full");
  };
  await assert.rejects(new PackServer().publish(first, { store, newPack }), { message: "full" });
  assert.equal(running, 0);
});
