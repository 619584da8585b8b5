// The record of writes is read with bounds, and what a power cut leaves is made of it (issue 3).
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { SeededRandom } from "../../../src/base/random.ts";
import { chooseCuts, epochsOf } from "./cuts.ts";
import { Replay } from "./replay.ts";
import { readWriteLog } from "./write-log.ts";

const folder = await mkdtemp(join(tmpdir(), "holdfast-write-log-"));
after(async () => rm(folder, { recursive: true, force: true }));
const path = join(folder, "log");
const diskBytes = 64 << 10;
const sector = 512;

interface Entry {
  readonly at?: number;
  readonly data?: Buffer;
  readonly flags?: number;
  readonly sectors?: number;
}

const flush: Entry = { flags: 1 };
const write = (at: number, fill: string, sectors: number, flags = 0): Entry => ({
  at,
  flags,
  data: Buffer.alloc(sectors * sector, fill),
});

function logOf(entries: readonly Entry[], count = entries.length): Buffer {
  const head = Buffer.alloc(sector);
  head.writeBigUInt64LE(0x6a736677736872n, 0);
  head.writeBigUInt64LE(1n, 8);
  head.writeBigUInt64LE(BigInt(count), 16);
  head.writeUInt32LE(sector, 24);
  const parts = entries.flatMap(({ at = 0, data = Buffer.alloc(0), flags = 0, sectors }) => {
    const entry = Buffer.alloc(sector);
    entry.writeBigUInt64LE(BigInt(at), 0);
    entry.writeBigUInt64LE(BigInt(sectors ?? data.length / sector), 8);
    entry.writeBigUInt64LE(BigInt(flags), 16);
    return [entry, data];
  });
  return Buffer.concat([head, ...parts]);
}

async function read(log: Buffer): ReturnType<typeof readWriteLog> {
  await writeFile(path, log);
  return readWriteLog(path, diskBytes);
}

const entries = [write(0, "a", 8), write(8, "b", 8), flush, write(0, "c", 16), write(32, "d", 8, 2), write(40, "e", 1)];

async function disks(count: number, seed = 1): Promise<readonly string[]> {
  const epochs = await epochsOf(path, await read(logOf(entries)), () => 4096);
  const base = join(folder, "base");
  await writeFile(base, Buffer.alloc(diskBytes, "."));
  await using replay = await Replay.open(base, path, epochs);
  const found: string[] = [];
  for (const cut of chooseCuts(epochs, count, new SeededRandom(seed))) {
    await replay.make(cut, join(folder, "state"));
    const bytes = await readFile(join(folder, "state"));
    found.push([0, 8, 32, 40].map((at) => String.fromCharCode(bytes[at * sector] ?? 0)).join(""));
  }
  return found;
}

suite("The record of writes", () => {
  test("tells writes, flushes, forced writes, discards and marks", async () => {
    const mark = { flags: 8 };
    const discard = { at: 8, sectors: 8, flags: 4 };
    const shown = (await read(logOf([write(8, "a", 2), flush, write(0, "b", 1, 3), discard, mark]))).map((entry) => [
      entry.kind,
      entry.offset,
      entry.bytes,
      entry.flushes,
      entry.forced,
    ]);
    assert.deepEqual(shown, [
      ["write", 4096, 1024, false, false],
      ["flush", 0, 0, true, false],
      ["write", 0, 512, true, true],
      ["discard", 4096, 4096, false, false],
      ["mark", 0, 0, false, false],
    ]);
  });

  for (const [what, log, message] of [
    ["another file", Buffer.alloc(1024), /does not begin as one/],
    ["an empty file", Buffer.alloc(0), /does not begin as one/],
    ["fewer entries than it says", logOf([flush], 2), /entry 1 is cut/],
    ["a write without its bytes", logOf([{ at: 0, sectors: 8 }]), /data of entry 0 is cut/],
    ["a write beyond the disk", logOf([write(128, "a", 1)]), /entry 0 is off the disk/],
    ["more entries than fit anywhere", logOf([], 1e9), /1000000000 entries/],
  ] as const) {
    test(`is refused when it is ${what}`, async () => {
      await assert.rejects(read(log), message);
    });
  }

  test("gives every flush, the end, and any part of what was not flushed, torn, no two alike", async () => {
    const found = await disks(40);
    assert.equal(found[0], "....");
    assert.ok(found.includes("ab.."));
    assert.ok(found.includes("ccde"));
    assert.ok(found.includes("cb.."), "a write is torn between its pieces");
    assert.equal(new Set(found).size, found.length);
    // What was flushed is there, and only what was written afterwards lies over it.
    for (const disk of found.slice(found.indexOf("ab.."))) assert.match(disk, /^[ac][bc][.d][.e]$/);
    // A forced write is there when a later one is.
    assert.ok(!found.some((disk) => disk.endsWith(".e")));
  });

  test("gives the same disks for the same seed", async () => {
    assert.deepEqual(await disks(12, 5), await disks(12, 5));
  });

  test("is not replayed backwards", async () => {
    const epochs = await epochsOf(path, await read(logOf(entries)), () => 4096);
    const base = join(folder, "base");
    await writeFile(base, Buffer.alloc(diskBytes));
    await using replay = await Replay.open(base, path, epochs);
    const cut = { epoch: 1, kept: [], how: "", isAtFlush: true };
    await replay.make(cut, join(folder, "state"));
    await assert.rejects(replay.make({ ...cut, epoch: 0 }, join(folder, "state")), /in the order/);
  });
});
