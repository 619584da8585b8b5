// The real desync, over our indexes and stores, and we over its (issue 5, "Chunks").
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { mkdir, readFile, stat, truncate } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { chunkAt, parseChunkIndex } from "../../src/format/chunk-index.ts";
import { chunkPath } from "../../src/delta/chunk/stored-chunk.ts";
import { describeMissing, ensureTools } from "../../tools/toolbox/toolbox.ts";
import { ChunkWorld, digestOf, run, settings } from "./chunk-world.ts";

const tools = await ensureTools(["desync"]);

const check = (
  sentence: string,
  body: (desync: (...args: readonly string[]) => Promise<void>, world: ChunkWorld, t: TestContext) => Promise<void>,
): void => {
  test(sentence, async (t) => {
    if (tools.missing.length > 0) return t.skip(describeMissing(tools.missing).join(" "));
    await using world = await ChunkWorld.make();
    const desync = async (...args: readonly string[]): Promise<void> => {
      const { exitCode, output } = await run(tools.path("desync"), ...args);
      assert.equal(exitCode, 0, output);
    };
    await body(desync, world, t);
  });
};

const sizesText = ({ min, avg, max }: { min: number; avg: number; max: number }): string =>
  [min, avg, max].map((size) => size >> 10).join(":");

check("indexes of one file are the same bytes", async (desync, world) => {
  for (const [name, sizes] of Object.entries(settings))
    for (const digest of ["sha512-256", "sha256"] as const) {
      const ours = await world.index("new", sizes, digest);
      await desync("make", "--digest", digest, "-m", sizesText(sizes), world.path("theirs.caibx"), world.path("new"));
      assert.ok(ours.equals(await readFile(world.path("theirs.caibx"))), `${name}, ${digest}`);
    }
});

check("it makes a file from our index and store, alone and with an older file as seed", async (desync, world) => {
  for (const sizes of [settings["usual"], settings["kde"]]) {
    assert.ok(sizes !== undefined);
    await world.publish("old", sizes);
    await world.publish("new", sizes);
    await desync("verify", "-s", world.path("ours.castr"));
    for (const seed of [[], ["--seed", `${world.path("old.caibx")}:${world.path("old")}`]]) {
      await desync("extract", "-s", world.path("ours.castr"), ...seed, world.path("new.caibx"), world.path("out"));
      assert.equal(digestOf(await readFile(world.path("out"))), digestOf(world.fresh));
    }
  }
});

check("it updates from our repository over the web as any server has it", async (desync, world) => {
  const sizes = settings["usual"];
  assert.ok(sizes !== undefined);
  await world.publish("old", sizes);
  await world.publish("new", sizes);
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    createReadStream(join(world.folder, request.url ?? ""))
      .on("error", () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const base = `http://127.0.0.1:${port}`;
    const seed = `${world.path("old.caibx")}:${world.path("old")}`;
    await desync("extract", "-s", `${base}/ours.castr/`, "--seed", seed, `${base}/new.caibx`, world.path("out"));
    assert.equal(digestOf(await readFile(world.path("out"))), digestOf(world.fresh));
    assert.ok(requests > 1 && requests < 40, String(requests));
  } finally {
    server.close();
  }
});

check("we make a file from its index and store, KDE Linux's setting included", async (desync, world) => {
  for (const sizes of [settings["usual"], settings["kde"]]) {
    assert.ok(sizes !== undefined);
    const size = sizesText(sizes);
    for (const name of ["old", "new"]) {
      const [index, store] = [world.path(`${name}.theirs.caibx`), world.path("theirs.castr")];
      await mkdir(store, { recursive: true });
      await desync("make", "-m", size, "-s", store, index, world.path(name));
    }
    for (const seed of [undefined, "old.theirs.caibx"])
      assert.equal(
        digestOf(await world.assemble("new.theirs.caibx", "theirs.castr", seed)),
        digestOf(world.fresh),
        size,
      );
  }
});

check("a chunk that a crash emptied in its store is noticed", async (desync, world) => {
  await mkdir(world.path("theirs.castr"));
  await desync("make", "-s", world.path("theirs.castr"), world.path("new.theirs.caibx"), world.path("new"));
  const { id } = chunkAt(parseChunkIndex(await readFile(world.path("new.theirs.caibx"))), 3);
  const path = join(world.path("theirs.castr"), chunkPath(id));
  assert.ok((await stat(path)).size > 0);
  await truncate(path, 0);
  await assert.rejects(world.assemble("new.theirs.caibx", "theirs.castr"), { code: "chunk-compression" });
});
