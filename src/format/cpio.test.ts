import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { type CpioEvent, readCpio } from "./cpio.ts";
import { type CpioEntry, writeCpio } from "./cpio-writer.ts";

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function events(bytes: Uint8Array, pieceBytes: number = 1000): Promise<readonly CpioEvent[]> {
  return Array.fromAsync(readCpio(pieces(bytes, pieceBytes)));
}

const names = (found: readonly CpioEvent[]): readonly string[] =>
  found.map((event) => (event.kind === "item" ? event.path : `other at ${event.offset}`));

const file = (path: string, size: number): CpioEntry => ({
  kind: "file",
  path,
  bytes: new Uint8Array(size).fill(0x30),
});
const early = writeCpio([{ kind: "folder", path: "kernel" }, file("kernel/microcode.bin", 4097)]);
const late = writeCpio([file("init", 3), { kind: "link", path: "bin", target: "usr/bin" }, file("etc/ünïcode", 0)]);

test("the names of an archive are read, in pieces of any size", async () => {
  for (const pieceBytes of [1, 7, 4096, 100_000])
    assert.deepEqual(names(await events(late, pieceBytes)), ["init", "bin", "etc/ünïcode"]);
});

test("archives follow one another, with zeros between; what is none ends the reading and is told", async () => {
  const gap = new Uint8Array(512);
  const zstd = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3);
  assert.deepEqual(names(await events(Buffer.concat([early, gap, late, gap]))), [
    "kernel",
    "kernel/microcode.bin",
    "init",
    "bin",
    "etc/ünïcode",
  ]);
  const packed = await events(Buffer.concat([early, zstd]));
  assert.deepEqual(names(packed), ["kernel", "kernel/microcode.bin", `other at ${early.length}`]);
  const last = packed.at(-1);
  assert.deepEqual(last?.kind === "other" && [...last.begin], [0x28, 0xb5, 0x2f, 0xfd, 1, 2]);
  assert.deepEqual(await events(new Uint8Array(600)), []);
});

test("what begins as an archive and is none is a Fault", async () => {
  const bad = Uint8Array.from(late);
  bad[20] = 0x7a;
  const long = Uint8Array.from(late);
  long.set(Buffer.from("ffffffff"), 6 + 11 * 8);
  for (const bytes of [late.subarray(0, 50), late.subarray(0, 112), late.subarray(0, 116), bad, long])
    await assert.rejects(events(bytes), { code: "cpio-damaged" });
});

test("any archive reads back its names; any bytes read or throw a Fault", async () => {
  const path = fc.stringMatching(/^[a-z0-9./]{1,30}$/).filter((text) => text !== "TRAILER!!!");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(path, fc.nat(50)), { maxLength: 8 }),
      fc.integer({ min: 1, max: 300 }),
      async (items, pieceBytes) => {
        const archive = writeCpio(items.map(([name, size]) => file(name, size)));
        assert.deepEqual(
          names(await events(archive, pieceBytes)),
          items.map(([name]) => name),
        );
      },
    ),
  );
  const mixed = Buffer.concat([early, late]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(mixed.length - 1), fc.nat(255)), { maxLength: 5 }), async (changes) => {
      const bytes = Uint8Array.from(mixed);
      for (const [at, byte] of changes) bytes[at] = byte;
      try {
        assert.ok((await events(bytes)).length <= 6);
      } catch (error) {
        assert.ok(error instanceof Fault, String(error));
      }
    }),
  );
});
