// The real casync, over our indexes and stores, and we over its (issue 5, "Chunks").
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { type ChunkSizes, parseChunkIndex } from "../../src/format/chunk-index.ts";
import { decompressHere } from "../../src/delta/chunk/stored-chunk.ts";
import { describeMissing, ensureTools } from "../../tools/toolbox/toolbox.ts";
import { ChunkWorld, digestOf, run, settings } from "./chunk-world.ts";

const tools = await ensureTools(["casync"]);

const check = (
  sentence: string,
  body: (casync: (...args: readonly string[]) => Promise<void>, world: ChunkWorld) => Promise<void>,
): void => {
  test(sentence, async (t) => {
    if (tools.missing.length > 0) return t.skip(describeMissing(tools.missing).join(" "));
    await using world = await ChunkWorld.make();
    const casync = async (...args: readonly string[]): Promise<void> => {
      const { exitCode, output } = await run(tools.path("casync"), ...args);
      assert.equal(exitCode, 0, output);
    };
    await body(casync, world);
  });
};

const sized = ({ min, avg, max }: ChunkSizes): string => `--chunk-size=${min}:${avg}:${max}`;
/** The highest byte of the flags, where it says how it treats folders. */
const flagsAt = 23;

check("indexes of one file are the same bytes, but for a flag about folders", async (casync, world) => {
  for (const [name, sizes] of Object.entries(settings))
    for (const digest of ["sha512-256", "sha256"] as const) {
      const ours = await world.index("new", sizes, digest);
      const store = `--store=${world.path("theirs.castr")}`;
      await casync("make", sized(sizes), `--digest=${digest}`, store, world.path("theirs.caibx"), world.path("new"));
      const theirs = await readFile(world.path("theirs.caibx"));
      assert.equal((theirs[flagsAt] ?? 0) & ~0x10, ours[flagsAt], `${name}, ${digest}`);
      theirs[flagsAt] = ours[flagsAt] ?? 0;
      assert.ok(ours.equals(theirs), `${name}, ${digest}`);
    }
});

check("it makes a file from our index and store, alone and with an older file as seed", async (casync, world) => {
  for (const sizes of [settings["usual"], settings["kde"]]) {
    assert.ok(sizes !== undefined);
    await world.publish("new", sizes);
    for (const [out, ...seed] of [["alone"], ["seeded", `--seed=${world.path("old")}`]] as const) {
      const store = `--store=${world.path("ours.castr")}`;
      // Over a file that is there already, which it takes for a seed, it stumbles.
      const target = world.path(`${out}.${sizes.avg}`);
      await casync("extract", store, ...seed, world.path("new.caibx"), target);
      assert.equal(digestOf(await readFile(target)), digestOf(world.fresh));
    }
  }
});

check("we make a file from its index and store, whatever it compressed with", async (casync, world) => {
  const xz = (stored: Uint8Array, length: number): Uint8Array =>
    stored[0] === 0xfd
      ? execFileSync("xz", ["--decompress", "--stdout"], { input: stored, maxBuffer: length })
      : decompressHere(stored, length);
  const sizes = settings["kde"];
  assert.ok(sizes !== undefined);
  for (const compression of ["zstd", "gzip", "xz"]) {
    const store = `${compression}.castr`;
    const index = `${compression}.caibx`;
    const options = [sized(sizes), `--compression=${compression}`, `--store=${world.path(store)}`];
    await casync("make", ...options, world.path(index), world.path("new"));
    if (compression === "xz") await assert.rejects(world.assemble(index, store), { code: "chunk-compression" });
    const decompress = compression === "xz" ? xz : undefined;
    assert.equal(
      digestOf(await world.assemble(index, store, undefined, decompress)),
      digestOf(world.fresh),
      compression,
    );
  }
});

check("we make a file from its default index and store with an older file as seed", async (casync, world) => {
  for (const name of ["old", "new"])
    await casync("make", `--store=${world.path("theirs.castr")}`, world.path(`${name}.caibx`), world.path(name));
  const index = parseChunkIndex(await readFile(world.path("new.caibx")));
  assert.deepEqual(index.sizes, settings["usual"]);
  assert.equal(digestOf(await world.assemble("new.caibx", "theirs.castr", "old.caibx")), digestOf(world.fresh));
});
